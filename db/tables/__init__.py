"""Tables, one module per noun. Importing this package registers all of them in the metadata."""

from db.tables import (
    administration,
    analyzed_texts,
    books,
    cards,
    events,
    exercises,
    jobs,
    search,
    statistics,
    textbooks,
    tombstones,
    users,
    views,
    vocabulary,
)
from db.tables.base import metadata

__all__ = [
    "administration",
    "analyzed_texts",
    "books",
    "cards",
    "events",
    "exercises",
    "jobs",
    "metadata",
    "search",
    "statistics",
    "textbooks",
    "tombstones",
    "users",
    "views",
    "vocabulary",
]
