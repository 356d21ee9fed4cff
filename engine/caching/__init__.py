"""The GraphQL side of the field cache: cache policies of fields, and templates of their values."""
