"""What scheduling knows of a card and of a review."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self
from uuid import UUID

from domain.enums import CardState

# SM-2's start: every card begins with this ease.
INITIAL_EASE_FACTOR = 2.5

# A quality of this or more means that the word was recalled.
RECALLED = 3

# A hundred years. Longer intervals mean nothing, and dates end.
MAX_INTERVAL_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Schedule:
    """Where a card stands. `ease_factor` belongs to SM-2; `stability`, `difficulty` and `learning_step` to FSRS."""

    state: CardState
    due_at: datetime
    interval_days: float = 0.0
    ease_factor: float = INITIAL_EASE_FACTOR
    stability: float | None = None
    difficulty: float | None = None
    learning_step: int | None = None
    repetitions: int = 0
    lapses: int = 0
    last_reviewed_at: datetime | None = None

    @classmethod
    def new(cls, created_at: datetime) -> Self:
        """A card that was never reviewed: due at once."""
        return cls(CardState.NEW, due_at=created_at)


@dataclass(frozen=True, slots=True)
class Answer:
    """One review, as the log has it. `quality` is 0..5."""

    answered_at: datetime
    idempotency_key: str
    quality: int

    @property
    def place(self) -> tuple[datetime, str]:
        """Where it stands in the log of its card, whenever it arrived."""
        return self.answered_at, self.idempotency_key


class SchedulingAlgorithm(Protocol):
    """How a review changes a card. Pure: the same review of the same card always gives the same."""

    def review(self, card_id: UUID, schedule: Schedule, quality: int, answered_at: datetime) -> Schedule: ...
