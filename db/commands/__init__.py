"""Statements that write or lock. One module a noun, as in db/queries."""
