"""GraphQL over HTTP, as the specification of that name says."""
