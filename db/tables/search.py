"""The index of the search for words."""

from sqlalchemy import REAL, Column, Index, Table, Text, func, text
from sqlalchemy.dialects.postgresql import UUID

from db.tables.base import metadata

# What an entry of the dictionary is found by, and how well it matches then. See domain/search/index_keys.py. The index
# has the entries of a key in the order in which they are read: the best match first.
search_keys = Table(
    "search_keys",
    metadata,
    Column("key", Text(collation="C"), nullable=False),
    Column("score", REAL, nullable=False),
    Column("vocabulary_id", UUID, nullable=False),
)
Index(
    "uq_search_keys_key_score_vocabulary_id",
    search_keys.c.key,
    search_keys.c.score.desc(),
    search_keys.c.vocabulary_id,
    unique=True,
)
# Words that end with a string.
Index(
    "ix_search_keys_reversed",
    func.reverse(search_keys.c.key),
    postgresql_where=text("left(key, 1) in ('g', 'k', 'r', 'w')"),
)
# Words that resemble a string.
Index(
    "ix_search_keys_similar",
    search_keys.c.key,
    postgresql_using="gin",
    postgresql_ops={"key": "gin_trgm_ops"},
    postgresql_where=search_keys.c.key >= "y",
)
