"""Logs, and counts of errors and of the usage of the schema."""
