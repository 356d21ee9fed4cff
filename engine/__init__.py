"""Executes GraphQL operations. Works for any Strawberry schema, and imports nothing of this project but `common`."""
