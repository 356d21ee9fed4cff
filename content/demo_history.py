"""The rows of a learner's study history."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass
class DemoHistory:
    """Rows for COPY, with the columns of each table."""

    CARD_COLUMNS: ClassVar = (
        "id",
        "user_id",
        "vocabulary_id",
        "kanji_id",
        "kind",
        "state",
        "due_at",
        "due_day",
        "interval_days",
        "ease_factor",
        "repetitions",
        "lapses",
        "suspended",
        "first_reviewed_at",
        "last_reviewed_at",
        "last_reviewed_day",
        "last_entry_at",
        "version",
        "created_at",
    )
    REVIEW_COLUMNS: ClassVar = (
        "id",
        "reviewed_at",
        "user_id",
        "card_id",
        "idempotency_key",
        "quality",
        "interval_days_before",
        "interval_days_after",
        "duration_ms",
        "day",
        "due_day",
    )
    REVIEW_KEY_COLUMNS: ClassVar = ("user_id", "idempotency_key", "review_id", "reviewed_at")
    REVIEW_DAY_COLUMNS: ClassVar = ("user_id", "day", "reviews", "recalled", "new_cards", "duration_ms")
    READING_PROGRESS_COLUMNS: ClassVar = (
        "id",
        "user_id",
        "book_id",
        "current_page",
        "started_at",
        "last_read_at",
        "finished_at",
    )

    started_at: datetime
    cards: list[tuple[object, ...]] = field(default_factory=list)
    reviews: list[tuple[object, ...]] = field(default_factory=list)
    review_keys: list[tuple[object, ...]] = field(default_factory=list)
    review_days: list[tuple[object, ...]] = field(default_factory=list)
    reading_progress: list[tuple[object, ...]] = field(default_factory=list)
