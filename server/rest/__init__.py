"""Routes that are not GraphQL: exported files, health checks, the schema as SDL."""
