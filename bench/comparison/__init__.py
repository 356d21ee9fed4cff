"""This server beside graphql-core with Strawberry's own view, and beside a handler written for one query."""
