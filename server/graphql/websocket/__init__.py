"""GraphQL over WebSocket: the protocol `graphql-transport-ws`, and no other."""
