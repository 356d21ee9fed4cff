"""Strings for error messages, and hashes of documents."""

import hashlib


def truncate(value: str, max_length: int = 60) -> str:
    """The string, cut to `max_length` characters, of which the last is then an ellipsis."""
    return value if len(value) <= max_length else value[: max_length - 1] + "…"


def hash_document(text: str) -> str:
    """Return the SHA-256 hash of a GraphQL document in hexadecimal digits, as persisted queries have it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
