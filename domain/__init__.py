"""The domain, without I/O: enums, ids, errors, scheduling, textbooks, validation."""
