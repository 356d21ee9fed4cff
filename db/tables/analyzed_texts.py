"""Texts that were analysed by a job, in parts. Row-level security: user-owned."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, Table, Text, UniqueConstraint, func, text

from db.tables.base import Timestamp, id_column, metadata, reference
from domain.analyzed_texts import MAX_PART_LENGTH, MAX_TEXT_LENGTH

_COUNTS = ("part_count", "sentence_count", "word_count", "unknown_word_count")

# Deleted with the job.
analyzed_texts = Table(
    "analyzed_texts",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    reference("job_id", "jobs.id"),
    Column(
        "length",
        Integer,
        CheckConstraint(f"length between 1 and {MAX_TEXT_LENGTH}", name="length_range"),
        nullable=False,
    ),
    # What the parts do not have yet, so that no character is stored twice; null if the analysis is complete.
    Column("remaining", Text, CheckConstraint("length(remaining) between 1 and length", name="remaining_length")),
    # Of the parts.
    *(Column(name, Integer, nullable=False, server_default=text("0")) for name in _COUNTS),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("completed_at", Timestamp),
    CheckConstraint("(remaining is null) = (completed_at is not null)", name="complete"),
    UniqueConstraint("job_id"),
    Index(None, "user_id", "id"),
)

# The texts of the parts in their order are the text. Tokens are computed when they are read.
analyzed_text_parts = Table(
    "analyzed_text_parts",
    metadata,
    reference("text_id", "analyzed_texts.id", primary_key=True),
    Column("number", Integer, CheckConstraint("number > 0", name="number_positive"), primary_key=True),
    Column(
        "text",
        Text,
        CheckConstraint(f"length(text) between 1 and {MAX_PART_LENGTH}", name="text_length"),
        nullable=False,
    ),
)
