"""Applies and reverts reviews: the schedule of a card, and the totals of the learner's days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import NamedTuple

from domain.ids import CardId
from domain.scheduling import PASSING_QUALITY, Answer, DayLoads, LogEntry, Schedule, SchedulingAlgorithm, replay
from domain.scheduling.days import StudyDays
from domain.timestamps import clamp_to_now

# Longer answers count as one minute, as in Anki: the learner had left the card.
MAX_DURATION_MS = 60_000


def cap_duration(duration_ms: int | None) -> int | None:
    """The duration as it is stored."""
    return None if duration_ms is None else min(duration_ms, MAX_DURATION_MS)


class LoggedReview(NamedTuple):
    """A review in the log. `duration_ms`: None if it was not measured."""

    answer: Answer
    duration_ms: int | None


class SubmittedReview(NamedTuple):
    """A review as a client sent it. `reviewed_at`: None for the current time. `reschedule`: see `Answer`."""

    card_id: CardId
    quality: int
    idempotency_key: str
    reviewed_at: datetime | None = None
    duration_ms: int | None = None
    reschedule: bool = True

    def to_logged(self, now: datetime, days: StudyDays) -> LoggedReview:
        """The review as it is stored in the log."""
        answered_at = clamp_to_now(self.reviewed_at, now)
        day = days.day_of(answered_at)
        answer = Answer(answered_at, self.idempotency_key, self.quality, day, reschedules=self.reschedule)
        return LoggedReview(answer, cap_duration(self.duration_ms))


class DailyTotalsDelta(NamedTuple):
    """Changes of the totals of a day. `crammed`: how many of the reviews move no schedule; not in `recalled`."""

    day: date
    reviews: int = 0
    recalled: int = 0
    new_cards: int = 0
    duration_ms: int = 0
    crammed: int = 0


class MovedInterval(NamedTuple):
    """The interval in days before and after a review, the due day that was chosen, and what was predicted."""

    before: float
    after: float
    due_day: date | None
    retrievability: int | None


@dataclass(slots=True)
class ReviewOutcome:
    """`intervals`: by idempotency key of each added review."""

    schedule: Schedule
    intervals: dict[str, MovedInterval]
    changes: list[DailyTotalsDelta]


def is_out_of_order(newest_entry_at: datetime | None, added: Iterable[LoggedReview]) -> bool:
    """Whether a review may precede an entry of the log. Then the card is rescheduled from its log."""
    return newest_entry_at is not None and any(review.answer.answered_at <= newest_entry_at for review in added)


def apply_reviews(
    algorithm: SchedulingAlgorithm,
    card_id: CardId,
    schedule: Schedule,
    logged: Sequence[LogEntry],
    added: Sequence[LoggedReview],
    loads: DayLoads | None = None,
) -> ReviewOutcome:
    """Applies one or more reviews to a card.

    `schedule`: before the first of `logged`, which is empty if no review is out of order. `loads`: of the learner's
    next days; without them, a due day depends on the card only.
    """
    if not logged and len(added) == 1 and added[0].answer.reschedules:
        return _apply_review(algorithm, card_id, schedule, added[0], loads)
    answers = [review.answer for review in added]
    added_keys = {answer.idempotency_key for answer in answers}
    changes = [_totals_delta(review, 1) for review in added]
    if schedule.first_reviewed_at is None:
        changes += _move_first_review(_first(logged), _first((*logged, *answers)))
    intervals: dict[str, MovedInterval] = {}
    for entry, after in replay(algorithm, card_id, schedule, (*logged, *answers), loads, added_keys):
        if isinstance(entry, Answer) and entry.idempotency_key in added_keys:
            intervals[entry.idempotency_key] = MovedInterval(
                schedule.interval_days,
                after.interval_days,
                after.due_day if isinstance(entry, Answer) and entry.reschedules else None,
                algorithm.retrievability(schedule, entry.day),
            )
        schedule = after
    return ReviewOutcome(schedule, intervals, changes)


def _apply_review(
    algorithm: SchedulingAlgorithm, card_id: CardId, schedule: Schedule, added: LoggedReview, loads: DayLoads | None
) -> ReviewOutcome:
    """The usual case: one review, after all entries of the log."""
    answer = added.answer
    after = algorithm.review(card_id, schedule, answer, loads)
    predicted = algorithm.retrievability(schedule, answer.day)
    interval = MovedInterval(schedule.interval_days, after.interval_days, after.due_day, predicted)
    change = _totals_delta(added, 1, is_first=schedule.first_reviewed_at is None)
    return ReviewOutcome(after, {answer.idempotency_key: interval}, [change])


def revert_reviews(logged: Sequence[Answer], removed: Sequence[LoggedReview]) -> list[DailyTotalsDelta]:
    """The changes of the daily totals when the newest of a card's reviews are undone."""
    changes = [_totals_delta(review, -1) for review in removed]
    moving = [answer for answer in logged if answer.reschedules]
    if moving and len(moving) == sum(review.answer.reschedules for review in removed):
        changes += _move_first_review(_first(logged), None)
    return changes


def sum_by_day(changes: Iterable[DailyTotalsDelta]) -> list[DailyTotalsDelta]:
    """One change for each day, in order."""
    by_day: dict[date, list[DailyTotalsDelta]] = defaultdict(list)
    for change in changes:
        by_day[change.day].append(change)
    return [
        DailyTotalsDelta(day, *(sum(numbers) for numbers in islice(zip(*of_day, strict=True), 1, None)))
        for day, of_day in sorted(by_day.items())
    ]


def _first(entries: Iterable[LogEntry]) -> Answer | None:
    answers = (entry for entry in entries if isinstance(entry, Answer) and entry.reschedules)
    return min(answers, key=lambda answer: answer.sort_key, default=None)


def _totals_delta(review: LoggedReview, number: int, *, is_first: bool = False) -> DailyTotalsDelta:
    """`is_first`: of a card."""
    answer, duration_ms = review
    if not answer.reschedules:
        return DailyTotalsDelta(answer.day, number, duration_ms=number * (duration_ms or 0), crammed=number)
    recalled = number * (answer.quality >= PASSING_QUALITY)
    return DailyTotalsDelta(answer.day, number, recalled, number * is_first, number * (duration_ms or 0))


def _move_first_review(before: Answer | None, after: Answer | None) -> Iterator[DailyTotalsDelta]:
    """A card counts as new on the day of its first review."""
    if before is after:
        return
    if before is not None:
        yield DailyTotalsDelta(before.day, new_cards=-1)
    if after is not None:
        yield DailyTotalsDelta(after.day, new_cards=1)
