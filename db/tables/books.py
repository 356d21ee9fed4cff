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
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSVECTOR

from db.tables.base import (
    Timestamp,
    changed_in,
    changed_index,
    enum_column,
    id_column,
    metadata,
    reference,
    soft_delete,
    timestamps,
    version,
)
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
    # When a periodic task publishes it.
    Column("publish_at", Timestamp),
    CheckConstraint("publish_at IS NULL OR published_at IS NULL", name="publish_once"),
    # Character bigrams and romaji; title with weight A, author with weight B. See analysis/search_terms.py.
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
Index("ix_books_publish_at", books.c.publish_at, postgresql_where=books.c.publish_at.is_not(None))
# Those that row-level security hides.
Index("ix_books_hidden", books.c.id, postgresql_where=text("published_at is null or deleted_at is not null"))

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
    # 1 for books without text, whose words are selected by their titles and themes.
    Column(
        "occurrences",
        Integer,
        CheckConstraint("occurrences > 0", name="occurrences_positive"),
        nullable=False,
        server_default=text("1"),
    ),
    # The first occurrence: the number of the page and the position on it in code points. Null for books without text.
    Column("page", Integer, CheckConstraint("page > 0", name="page_positive")),
    Column("start", Integer),
    CheckConstraint("(page is null) = (start is null)", name="first_occurrence"),
    UniqueConstraint("book_id", "vocabulary_id"),
    Index(None, "vocabulary_id", postgresql_include=["book_id", "occurrences"]),
)

# The analysis of a book's text, by which its words were stored. Words are counted that the dictionary may have: no
# particles, auxiliaries, symbols, numbers or names (content/text_words.py). Tokens are their occurrences.
book_texts = Table(
    "book_texts",
    metadata,
    reference("book_id", "books.id", primary_key=True),
    # Of all pages.
    Column("text_hash", Text, nullable=False),
    # The version of the analysis and of the dictionary.
    Column("analysis", Text, nullable=False),
    Column("token_count", Integer, nullable=False),
    Column("word_count", Integer, nullable=False),
    # Of those, the ones that the dictionary does not have.
    Column("unknown_token_count", Integer, nullable=False),
    Column("unknown_word_count", Integer, nullable=False),
    Column("analyzed_at", Timestamp, nullable=False, server_default=text("now()")),
    CheckConstraint(
        "unknown_token_count between 0 and token_count and unknown_word_count between 0 and word_count", name="counts"
    ),
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
    changed_in(),
    UniqueConstraint("user_id", "book_id"),
    Index(None, "user_id", "last_read_at", "id"),
    Index(None, "book_id"),
)
changed_index(reading_progress)
