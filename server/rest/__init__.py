"""Routes besides GraphQL: exports, health probes, the schema in SDL."""
