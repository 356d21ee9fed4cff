"""Applies and reverts reviews: the schedule of a card, and the totals of the learner's days."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from domain.enums import CardState, ScheduleChangeKind
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
        _, quality, key, reviewed_at, duration_ms, reschedules = self
        answered_at = clamp_to_now(reviewed_at, now)
        answer = Answer(answered_at, key, quality, days.day_of(answered_at), None, reschedules)
        return LoggedReview(answer, cap_duration(duration_ms))


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


def totals_delta(review: LoggedReview, number: int, *, new_cards: int = 0) -> DailyTotalsDelta:
    """The change of the totals by one review, added or, if `number` is -1, undone."""
    (_, _, quality, day, _, reschedules), duration_ms = review
    duration = 0 if duration_ms is None else number * duration_ms
    if not reschedules:
        return DailyTotalsDelta(day, number, 0, new_cards, duration, number)
    return DailyTotalsDelta(day, number, number if quality >= PASSING_QUALITY else 0, new_cards, duration)


def is_out_of_order(newest_entry_at: datetime | None, added: Iterable[LoggedReview]) -> bool:
    """Whether a review may precede an entry of the log. Then the card is rescheduled from its log."""
    if newest_entry_at is None:
        return False
    for answer, _ in added:  # noqa: SIM110  # `any` takes three times as long for one review
        if answer.answered_at <= newest_entry_at:
            return True
    return False


def apply_reviews(
    algorithm: SchedulingAlgorithm,
    card_id: CardId,
    schedule: Schedule,
    logged: Sequence[LogEntry],
    added: Sequence[LoggedReview],
    loads: DayLoads | None = None,
    counted: Sequence[LogEntry] | None = None,
) -> ReviewOutcome:
    """Applies one or more reviews to a card.

    `schedule`: before the first of `logged`, which is empty if no review is out of order. `loads`: of the learner's
    next days; without them, a due day depends on the card only. `counted`: the log from which the totals of the days
    were counted, if `logged` has other entries.
    """
    answers = [review.answer for review in added]
    added_keys = {answer.idempotency_key for answer in answers}
    changes = [totals_delta(review, 1) for review in added]
    is_new = schedule.state is CardState.NEW
    changes += new_cards_delta(logged if counted is None else counted, (*logged, *answers), is_new=is_new)
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


def revert_reviews(logged: Sequence[LogEntry], removed: Sequence[LoggedReview]) -> list[DailyTotalsDelta]:
    """The changes of the daily totals when the newest of a card's reviews are undone. `logged`: with them."""
    changes = [totals_delta(review, -1) for review in removed]
    keys = {review.answer.idempotency_key for review in removed}
    remaining = [entry for entry in logged if not isinstance(entry, Answer) or entry.idempotency_key not in keys]
    return [*changes, *new_cards_delta(logged, remaining)]


def new_cards_delta(
    before: Iterable[LogEntry], after: Iterable[LogEntry], *, is_new: bool = True
) -> Iterator[DailyTotalsDelta]:
    """The changes of the daily totals by another log of a card. `is_new`: whether it is new before the first entry."""
    numbers = Counter(_introduced_on(after, is_new))
    numbers.subtract(_introduced_on(before, is_new))
    return (DailyTotalsDelta(day, new_cards=number) for day, number in numbers.items() if number)


def _introduced_on(entries: Iterable[LogEntry], is_new: bool) -> Iterator[date]:
    """The days of the answers to a new card: the first one, and the first one after a reset.

    Not after an import that gave the card a state.
    """
    for entry in sorted(entries, key=lambda entry: entry.sort_key):
        if isinstance(entry, Answer):
            if entry.reschedules:
                if is_new:
                    yield entry.day
                is_new = False
        elif entry.kind is ScheduleChangeKind.RESET:
            is_new = True
        elif entry.kind is ScheduleChangeKind.IMPORT and entry.imported is not None:
            is_new = entry.imported.state is CardState.NEW


def sum_by_day(changes: Iterable[DailyTotalsDelta]) -> list[DailyTotalsDelta]:
    """One change for each day, in order."""
    totals: dict[date, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for day, reviews, recalled, new_cards, duration_ms, crammed in changes:
        total = totals[day]
        total[0] += reviews
        total[1] += recalled
        total[2] += new_cards
        total[3] += duration_ms
        total[4] += crammed
    return [DailyTotalsDelta(day, *total) for day, total in sorted(totals.items())]
