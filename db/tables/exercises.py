"""Exercises with their solutions, and what learners did: attempts, and chapters that they read.

Row-level security: exercises are visible with their chapter or book. A solution is visible to learners with an attempt
at its exercise. Attempts and progress are user-owned.
"""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, SmallInteger, Table, Text, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.schema import ForeignKey

from db.tables.base import (
    Timestamp,
    changed_in,
    changed_index,
    enum_column,
    id_column,
    metadata,
    reference,
)
from domain.enums import AnswerLanguage, ExerciseKind
from domain.exercises import MAX_EXERCISES, MAX_OPTIONS, MAX_PROMPTS

# JSON, in characters.
_MAX_LENGTH = 20_000


def _items(name: str, minimum: int, maximum: int) -> CheckConstraint:
    """Return the check that limits the length and the size of a JSON array."""
    return CheckConstraint(
        f"jsonb_typeof({name}) = 'array' and jsonb_array_length({name}) between {minimum} and {maximum}"
        f" and length({name}::text) <= {_MAX_LENGTH}",
        name=f"{name}_size",
    )


def _optional_reference(name: str, target: str) -> Column[object]:
    return Column(name, UUID, ForeignKey(target, ondelete="CASCADE"))


exercises = Table(
    "exercises",
    metadata,
    id_column(),
    # One of them is set.
    _optional_reference("chapter_id", "chapters.id"),
    _optional_reference("book_id", "books.id"),
    # Negative between the two statements of a new order.
    Column(
        "position",
        SmallInteger,
        CheckConstraint(f"position between {-MAX_EXERCISES} and {MAX_EXERCISES - 1}", name="position_range"),
        nullable=False,
    ),
    enum_column("kind", ExerciseKind),
    Column("title", Text, nullable=False),
    Column("task", Text, nullable=False),
    enum_column("answer_language", AnswerLanguage),
    # [[text, translation], …]
    Column("prompts", JSONB, _items("prompts", 1, MAX_PROMPTS), nullable=False),
    # [text, …]
    Column("options", JSONB, _items("options", 0, MAX_OPTIONS), nullable=False),
    CheckConstraint("num_nonnulls(chapter_id, book_id) = 1", name="one_parent"),
)
Index(None, exercises.c.chapter_id, exercises.c.position, unique=True)
Index(None, exercises.c.book_id, exercises.c.position, unique=True)

exercise_solutions = Table(
    "exercise_solutions",
    metadata,
    reference("exercise_id", "exercises.id", primary_key=True),
    # [[answer, accepted, option, explanation], …], one for each prompt.
    Column("solutions", JSONB, _items("solutions", 1, MAX_PROMPTS), nullable=False),
)

exercise_attempts = Table(
    "exercise_attempts",
    metadata,
    id_column(),
    reference("user_id", "users.id"),
    reference("exercise_id", "exercises.id"),
    Column("idempotency_key", Text, nullable=False),
    # [[option, text], …], one for each prompt.
    Column("answers", JSONB, _items("answers", 1, MAX_PROMPTS), nullable=False),
    # Whether each answer is right. Graded in the transaction that inserts the row.
    Column("results", ARRAY(Boolean), nullable=False, server_default=text("'{}'")),
    Column("correct_count", SmallInteger, nullable=False, server_default=text("0")),
    Column("answered_at", Timestamp, nullable=False),
    Column("created_at", Timestamp, nullable=False),
    UniqueConstraint("user_id", "idempotency_key"),
    changed_in(),
    Index(None, "user_id", "exercise_id", "answered_at", "id"),
    Index(None, "user_id", "id"),
    Index(None, "exercise_id"),
)
changed_index(exercise_attempts)

# A chapter has a row if the learner opened it, or answered one of its exercises, of which a trigger takes care.
chapter_progress = Table(
    "chapter_progress",
    metadata,
    reference("user_id", "users.id", primary_key=True),
    reference("chapter_id", "chapters.id", primary_key=True),
    Column("is_read", Boolean, nullable=False, server_default=false()),
    # Null if it was not opened.
    Column("last_read_at", Timestamp),
    changed_in(),
    Index(None, "user_id", "last_read_at"),
    Index(None, "chapter_id"),
)
changed_index(chapter_progress, "chapter_id")
