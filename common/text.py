"""Strings for error messages, names in the schema, and hashes of documents."""

import hashlib


def truncate(value: str, max_length: int = 60) -> str:
    """The string, cut to `max_length` characters, of which the last is then an ellipsis."""
    return value if len(value) <= max_length else value[: max_length - 1] + "…"


def hash_document(text: str) -> str:
    """Return the SHA-256 hash of a GraphQL document in hexadecimal digits, as persisted queries have it."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def camel_case(name: str) -> str:
    """Return the name that a column or an attribute has in the GraphQL schema."""
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)
