"""Compares this server with graphql-core and Strawberry's view, and with a hand-written handler for one query."""
