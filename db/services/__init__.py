"""Use cases that write: transactions composed of the statements in db/commands, one module per noun."""
