"""Statements that read, one module per noun: the rows and every query for them."""
