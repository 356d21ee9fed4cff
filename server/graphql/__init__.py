"""Executes GraphQL requests and builds their responses, whatever transport they arrive by."""
