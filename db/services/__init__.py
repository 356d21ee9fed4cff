"""What one request changes: transactions made of the statements in db/commands, one module a noun."""
