"""Runs a plan: resolves fields, completes values, waits for what is pending."""
