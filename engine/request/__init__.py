"""Prepares a GraphQL request: document, operation, variables, cost and plans."""
