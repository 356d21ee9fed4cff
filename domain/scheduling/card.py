"""A card's schedule and its reviews."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from domain.enums import CardState
from domain.ids import CardId

# The ease factor of a new card in SM-2.
INITIAL_EASE_FACTOR = 2.5

# The lowest quality of a successful review.
PASSING_QUALITY = 3

# A hundred years; `datetime` overflows with much longer intervals.
MAX_INTERVAL_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Schedule:
    """`ease_factor` belongs to SM-2; `stability`, `difficulty` and `learning_step` to FSRS."""

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
    def initial(cls, created_at: datetime) -> Self:
        """The schedule of a new card, which is due immediately."""
        return cls(CardState.NEW, due_at=created_at)


@dataclass(frozen=True, slots=True)
class Answer:
    """A review in the log. `quality` is 0..5."""

    answered_at: datetime
    idempotency_key: str
    quality: int

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """The order of the log, whatever the order of arrival."""
        return self.answered_at, self.idempotency_key


class SchedulingAlgorithm(Protocol):
    """A pure function from a schedule and a review to the next schedule."""

    def review(self, card_id: CardId, schedule: Schedule, quality: int, answered_at: datetime) -> Schedule: ...
