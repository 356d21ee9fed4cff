"""Builds plans: everything about an operation that is known before it runs."""
