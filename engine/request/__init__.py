"""Prepares a GraphQL request: document, operation, variables and cost."""
