"""Compiles hot plans to Python functions."""
