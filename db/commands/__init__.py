"""Statements that write or lock rows, one module per noun as in db/queries."""
