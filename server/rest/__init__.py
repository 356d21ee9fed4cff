"""Routes besides GraphQL: exports, health probes, metrics, the schema in SDL."""
