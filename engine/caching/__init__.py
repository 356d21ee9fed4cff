"""The GraphQL side of the field cache: which fields are cached, their templates, how they are computed."""
