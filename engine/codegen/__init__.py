"""Compiles plans to Python functions."""
