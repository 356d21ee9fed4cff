"""Logs, and counts of errors and of the use of deprecated fields."""
