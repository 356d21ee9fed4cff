"""The caches of a server: fields, as each request sees them, and persisted documents."""
