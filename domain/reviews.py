"""What a batch of reviews does to a card and to the learner's days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.scheduling import RECALLED, Answer, Schedule, SchedulingAlgorithm, replay
from domain.timestamps import not_ahead

# A longer answer counts as one of a minute, as in Anki: the learner had left the card.
MAX_DURATION_MS = 60_000


def capped_duration(duration_ms: int | None) -> int | None:
    """An answer's time as it is saved."""
    return None if duration_ms is None else min(duration_ms, MAX_DURATION_MS)


@dataclass(frozen=True, slots=True)
class LoggedReview:
    """A review at its moment, as the log has it. `duration_ms` is None where it was not measured."""

    answer: Answer
    duration_ms: int | None


@dataclass(frozen=True, slots=True)
class SubmittedReview:
    """A review as a learner's device sent it. `reviewed_at` is None where the device left it to the server."""

    card_id: UUID
    quality: int
    idempotency_key: str
    reviewed_at: datetime | None = None
    duration_ms: int | None = None

    def at(self, now: datetime) -> LoggedReview:
        """As the log has it."""
        answer = Answer(not_ahead(self.reviewed_at, now), self.idempotency_key, self.quality)
        return LoggedReview(answer, capped_duration(self.duration_ms))


@dataclass(frozen=True, slots=True)
class DailyTotalsDelta:
    """What changes in the totals of the day on which the moment lies."""

    moment: datetime
    reviews: int = 0
    recalled: int = 0
    new_cards: int = 0
    duration_ms: int = 0


@dataclass(frozen=True, slots=True)
class ReviewOutcome:
    """A card after reviews, the days of its interval before and after each of them by key, and what its days gain."""

    schedule: Schedule
    intervals: dict[str, tuple[float, float]]
    changes: list[DailyTotalsDelta]


def is_out_of_order(last_reviewed_at: datetime | None, added: Iterable[LoggedReview]) -> bool:
    """Whether one of the reviews may belong before what is in the log. Then the card is folded anew."""
    return last_reviewed_at is not None and any(review.answer.answered_at <= last_reviewed_at for review in added)


def apply_reviews(
    algorithm: SchedulingAlgorithm,
    card_id: UUID,
    schedule: Schedule,
    logged: Sequence[Answer],
    added: Sequence[LoggedReview],
) -> ReviewOutcome:
    """What the added reviews, at least one, make of a card.

    `schedule` is the card before the first of `logged`, which is empty where no review is late.
    """
    answers = [review.answer for review in added]
    added_keys = {answer.idempotency_key for answer in answers}
    first_before = min((answer.answered_at for answer in logged), default=schedule.last_reviewed_at)
    first_after = min(answer.answered_at for answer in answers)
    changes = [_counted(review, 1) for review in added]
    if first_before is None or first_after < first_before:
        changes += _first_review_moved(first_before, first_after)
    intervals: dict[str, tuple[float, float]] = {}
    for answer, after in replay(algorithm, card_id, schedule, (*logged, *answers)):
        if answer.idempotency_key in added_keys:
            intervals[answer.idempotency_key] = schedule.interval_days, after.interval_days
        schedule = after
    return ReviewOutcome(schedule, intervals, changes)


def revert_reviews(logged: Sequence[Answer], removed: Sequence[LoggedReview]) -> list[DailyTotalsDelta]:
    """What the days lose by taking back some of a card's logged reviews, the newest."""
    changes = [_counted(review, -1) for review in removed]
    if removed and len(removed) == len(logged):
        changes += _first_review_moved(min(answer.answered_at for answer in logged), None)
    return changes


def _counted(review: LoggedReview, number: int) -> DailyTotalsDelta:
    return DailyTotalsDelta(
        review.answer.answered_at,
        reviews=number,
        recalled=number * (review.answer.quality >= RECALLED),
        duration_ms=number * (review.duration_ms or 0),
    )


def _first_review_moved(before: datetime | None, after: datetime | None) -> Iterator[DailyTotalsDelta]:
    """A card is new on the day of its first review."""
    if before is not None:
        yield DailyTotalsDelta(before, new_cards=-1)
    if after is not None:
        yield DailyTotalsDelta(after, new_cards=1)
