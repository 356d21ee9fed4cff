"""Applies and reverts reviews: the schedule of a card, and the totals of the learner's days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.ids import CardId
from domain.scheduling import PASSING_QUALITY, Answer, Schedule, SchedulingAlgorithm, replay
from domain.timestamps import clamp_to_now

# Longer answers count as one minute, as in Anki: the learner had left the card.
MAX_DURATION_MS = 60_000


def cap_duration(duration_ms: int | None) -> int | None:
    """The duration as it is stored."""
    return None if duration_ms is None else min(duration_ms, MAX_DURATION_MS)


@dataclass(frozen=True, slots=True)
class LoggedReview:
    """A review in the log. `duration_ms`: None if it was not measured."""

    answer: Answer
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class SubmittedReview:
    """A review as a client sent it. `reviewed_at`: None for the current time."""

    card_id: CardId
    quality: int
    idempotency_key: str
    reviewed_at: datetime | None = None
    duration_ms: int | None = None

    def to_logged(self, now: datetime) -> LoggedReview:
        """The review as it is stored in the log."""
        answer = Answer(clamp_to_now(self.reviewed_at, now), self.idempotency_key, self.quality)
        return LoggedReview(answer, cap_duration(self.duration_ms))


@dataclass(frozen=True, slots=True)
class DailyTotalsDelta:
    """Changes of the totals of the day of `timestamp`."""

    timestamp: datetime
    reviews: int = 0
    recalled: int = 0
    new_cards: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """`intervals`: the interval in days before and after each review, by idempotency key."""

    schedule: Schedule
    intervals: dict[str, tuple[float, float]]
    changes: list[DailyTotalsDelta]


def is_out_of_order(last_reviewed_at: datetime | None, added: Iterable[LoggedReview]) -> bool:
    """Whether a review may precede one in the log. Then the card is rescheduled from its log."""
    return last_reviewed_at is not None and any(review.answer.answered_at <= last_reviewed_at for review in added)


def apply_reviews(
    algorithm: SchedulingAlgorithm,
    card_id: CardId,
    schedule: Schedule,
    logged: Sequence[Answer],
    added: Sequence[LoggedReview],
) -> ReviewOutcome:
    """Applies one or more reviews to a card.

    `schedule`: before the first of `logged`, which is empty if no review is out of order.
    """
    answers = [review.answer for review in added]
    added_keys = {answer.idempotency_key for answer in answers}
    first_before = min((answer.answered_at for answer in logged), default=schedule.last_reviewed_at)
    first_after = min(answer.answered_at for answer in answers)
    changes = [_totals_delta(review, 1) for review in added]
    if first_before is None or first_after < first_before:
        changes += _move_first_review(first_before, first_after)
    intervals: dict[str, tuple[float, float]] = {}
    for answer, after in replay(algorithm, card_id, schedule, (*logged, *answers)):
        if answer.idempotency_key in added_keys:
            intervals[answer.idempotency_key] = schedule.interval_days, after.interval_days
        schedule = after
    return ReviewOutcome(schedule, intervals, changes)


def revert_reviews(logged: Sequence[Answer], removed: Sequence[LoggedReview]) -> list[DailyTotalsDelta]:
    """The changes of the daily totals when the newest of a card's reviews are undone."""
    changes = [_totals_delta(review, -1) for review in removed]
    if removed and len(removed) == len(logged):
        changes += _move_first_review(min(answer.answered_at for answer in logged), None)
    return changes


def _totals_delta(review: LoggedReview, number: int) -> DailyTotalsDelta:
    return DailyTotalsDelta(
        review.answer.answered_at,
        reviews=number,
        recalled=number * (review.answer.quality >= PASSING_QUALITY),
        duration_ms=number * (review.duration_ms or 0),
    )


def _move_first_review(before: datetime | None, after: datetime | None) -> Iterator[DailyTotalsDelta]:
    """A card counts as new on the day of its first review."""
    if before is not None:
        yield DailyTotalsDelta(before, new_cards=-1)
    if after is not None:
        yield DailyTotalsDelta(after, new_cards=1)
