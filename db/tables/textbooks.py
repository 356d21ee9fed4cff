"""Textbooks and chapters. Row-level security: public ones for everyone, private ones for their owner."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, false
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from db.tables.base import (
    at_most,
    enum_column,
    id_column,
    metadata,
    one_of,
    position_below,
    reference,
    soft_delete,
    timestamps,
    version,
)
from domain.enums import JlptLevel, TextbookStatus
from domain.list_sizes import MAX_TOPICS, MAX_WORDS_OF_CHAPTER
from domain.textbooks.model import MAX_CONTENT_LENGTH

textbooks = Table(
    "textbooks",
    metadata,
    id_column(),
    reference("owner_id", "users.id", nullable=True),
    Column("title", Text, CheckConstraint("length(title) between 1 and 500", name="title_length"), nullable=False),
    Column("description", Text, nullable=False),
    enum_column("jlpt_level", JlptLevel),
    Column("topics", ARRAY(Text), at_most("topics", MAX_TOPICS), nullable=False),
    enum_column("status", TextbookStatus),
    Column("is_public", Boolean, nullable=False, server_default=false()),
    # Character bigrams and romaji of title and topics. See analysis/search_terms.py.
    Column("search_terms", TSVECTOR, nullable=False),
    version(),
    *timestamps(),
    soft_delete(),
)
Index("ix_textbooks_public", textbooks.c.id, postgresql_where=textbooks.c.is_public & textbooks.c.deleted_at.is_(None))
Index(None, textbooks.c.owner_id, textbooks.c.id)
Index(None, textbooks.c.jlpt_level, textbooks.c.id, postgresql_where=textbooks.c.deleted_at.is_(None))
Index(None, textbooks.c.search_terms, postgresql_using="gin")

chapters = Table(
    "chapters",
    metadata,
    id_column(),
    reference("textbook_id", "textbooks.id"),
    # Negative between the two statements of a new order.
    Column(
        "position", Integer, CheckConstraint("abs(position) between 1 and 50", name="position_range"), nullable=False
    ),
    Column("title", Text, nullable=False),
    Column("summary", Text, nullable=False),
    Column(
        "content",
        Text,
        CheckConstraint(f"length(content) <= {MAX_CONTENT_LENGTH}", name="content_length"),
        nullable=False,
    ),
    *timestamps(),
    soft_delete(),
)
Index(None, chapters.c.textbook_id, chapters.c.position, unique=True, postgresql_where=chapters.c.deleted_at.is_(None))

chapter_vocabulary = Table(
    "chapter_vocabulary",
    metadata,
    reference("chapter_id", "chapters.id", primary_key=True),
    Column("position", Integer, position_below(MAX_WORDS_OF_CHAPTER), primary_key=True),
    reference("vocabulary_id", "vocabulary.id"),
    UniqueConstraint("chapter_id", "vocabulary_id"),
    Index(None, "vocabulary_id"),
)

# Names and meanings of words, to find topics and to suggest others.
textbook_topics = Table(
    "textbook_topics",
    metadata,
    Column(
        "jlpt_level", Text, CheckConstraint(one_of("jlpt_level", JlptLevel), name="jlpt_level_known"), primary_key=True
    ),
    Column("name", Text, primary_key=True),
    Column("japanese_name", Text, nullable=False),
    Column("names", ARRAY(Text), nullable=False),
    Column("keywords", ARRAY(Text), nullable=False),
    Column("word_count", Integer, CheckConstraint("word_count > 0", name="word_count_positive"), nullable=False),
)
