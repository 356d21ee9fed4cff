"""Books, their words, and reading progress."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, Table, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, soft_delete, timestamps, version
from domain.enums import JlptLevel

books = Table(
    "books",
    metadata,
    id_column(),
    Column("title", Text, nullable=False),
    Column("title_reading", Text),
    Column("author", Text, nullable=False),
    Column("description", Text, nullable=False),
    enum_column("jlpt_level", JlptLevel),
    Column("cover_url", Text),
    Column("page_count", Integer, CheckConstraint("page_count > 0", name="page_count_positive"), nullable=False),
    Column("original_year", SmallInteger),
    Column("published_at", Timestamp),
    # Character bigrams; title and reading with weight A, author with weight B. See domain/search_terms.py.
    Column("search_terms", TSVECTOR, nullable=False),
    version(),
    *timestamps(),
    soft_delete(),
)
# One partial index per ordering. Lists of editors, which include unpublished books, use them too.
for ordering in (books.c.created_at, books.c.title, books.c.jlpt_level):
    Index(None, ordering, books.c.id, postgresql_where=books.c.deleted_at.is_(None))
Index(None, books.c.jlpt_level, books.c.created_at, books.c.id, postgresql_where=books.c.deleted_at.is_(None))
Index(None, books.c.search_terms, postgresql_using="gin")

book_vocabulary = Table(
    "book_vocabulary",
    metadata,
    reference("book_id", "books.id", primary_key=True),
    Column("position", Integer, primary_key=True),
    reference("vocabulary_id", "vocabulary.id"),
    UniqueConstraint("book_id", "vocabulary_id"),
    Index(None, "vocabulary_id"),
)

reading_progress = Table(
    "reading_progress",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    reference("book_id", "books.id"),
    Column("current_page", Integer, CheckConstraint("current_page >= 0", name="current_page_positive"), nullable=False),
    Column("started_at", Timestamp, nullable=False),
    Column("last_read_at", Timestamp, nullable=False),
    Column("finished_at", Timestamp),
    *timestamps(),
    UniqueConstraint("user_id", "book_id"),
    Index(None, "user_id", "last_read_at", "id"),
    Index(None, "book_id"),
)
