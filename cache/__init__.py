"""The field cache's store: values in this process and in Redis, invalidated by tags."""
