"""From a GraphQL request to an operation that can run: documents, variables, cost."""
