"""Books, their texts and words, and reading progress."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from db.tables.base import Timestamp, enum_column, id_column, metadata, reference, soft_delete, timestamps, version
from domain.book_pages import MAX_PAGE_LENGTH, MAX_RUBY_OF_PAGE
from domain.enums import JlptLevel
from domain.list_sizes import MAX_PAGES_OF_BOOK

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
    # Whether it has pages in `book_pages`; then `page_count` is their number.
    Column("has_text", Boolean, nullable=False, server_default=false()),
    Column("original_year", SmallInteger),
    Column("published_at", Timestamp),
    # Character bigrams; title and reading with weight A, author with weight B. See domain/search/terms.py.
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

# The texts of the pages in their order are the text of the book.
book_pages = Table(
    "book_pages",
    metadata,
    reference("book_id", "books.id", primary_key=True),
    Column(
        "number",
        Integer,
        CheckConstraint(f"number between 1 and {MAX_PAGES_OF_BOOK}", name="number_range"),
        primary_key=True,
    ),
    Column(
        "text",
        Text,
        CheckConstraint(f"length(text) between 1 and {MAX_PAGE_LENGTH}", name="text_length"),
        nullable=False,
    ),
    # The readings that the text itself gives: [[start, length, reading], …], in code points of `text`.
    Column(
        "ruby",
        JSONB,
        CheckConstraint(
            f"jsonb_typeof(ruby) = 'array' and jsonb_array_length(ruby) <= {MAX_RUBY_OF_PAGE}", name="ruby_size"
        ),
        nullable=False,
    ),
)

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
