"""Executes a plan: resolves fields, completes values, and waits for pending ones."""
