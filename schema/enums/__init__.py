"""Enums as GraphQL enums, with descriptions of their values. Importing the package describes all of them."""

from schema.enums import (
    books,
    cards,
    changes,
    dictionary,
    editorial,
    groups,
    imports,
    jobs,
    language,
    platform,
    scheduling,
    textbooks,
    users,
)

__all__ = [
    "books",
    "cards",
    "changes",
    "dictionary",
    "editorial",
    "groups",
    "imports",
    "jobs",
    "language",
    "platform",
    "scheduling",
    "textbooks",
    "users",
]
