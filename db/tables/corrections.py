"""Corrections of the dictionary by editors. Row-level security: everyone reads, editors write."""

from sqlalchemy import CheckConstraint, Column, Index, SmallInteger, Table, Text, func, literal_column
from sqlalchemy.dialects.postgresql import JSONB, UUID

from db.tables.base import enum_column, id_column, metadata, reference, timestamps, version
from domain.corrections import MAX_NOTE, MAX_SOURCE
from domain.enums import CorrectionKind, CorrectionState

corrections = Table(
    "corrections",
    metadata,
    id_column(),
    enum_column("kind", CorrectionKind),
    # No foreign keys: a correction outlives a release of the dictionary without the word.
    Column("vocabulary_id", UUID),
    Column("kanji_id", UUID),
    # Of a sentence: its position in the word, and its text in the release.
    Column("position", SmallInteger),
    Column("sentence", Text),
    # Values by field, and those that the release has in these fields. See domain/corrections.py.
    Column("corrected", JSONB, nullable=False),
    Column("original", JSONB, nullable=False),
    enum_column("state", CorrectionState),
    Column(
        "source",
        Text,
        CheckConstraint(f"length(source) between 1 and {MAX_SOURCE}", name="source_length"),
        nullable=False,
    ),
    Column("note", Text, CheckConstraint(f"length(note) <= {MAX_NOTE}", name="note_length")),
    reference("author_id", "users.id", nullable=True),
    version(),
    *timestamps(),
    CheckConstraint(
        "(kind = 'KANJI') = (vocabulary_id IS NULL) AND (kind = 'KANJI') = (kanji_id IS NOT NULL)"
        " AND (kind = 'SENTENCE') = (sentence IS NOT NULL AND position IS NOT NULL)",
        name="one_object",
    ),
    Index(None, "vocabulary_id"),
    Index(None, "kanji_id"),
    Index(None, "author_id"),
    Index(None, "state", "id"),
)
Index(
    "uq_corrections_active",
    func.coalesce(corrections.c.vocabulary_id, corrections.c.kanji_id),
    func.coalesce(corrections.c.sentence, literal_column("''")),
    unique=True,
    postgresql_where=corrections.c.state == literal_column("'ACTIVE'"),
)
