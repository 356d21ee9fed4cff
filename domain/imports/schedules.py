"""From the cards and logs of another program to the entries of the log here."""

import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.enums import CardState, ImportSourceKind, ScheduleChangeKind
from domain.imports.exact_schedules import StatedSchedule, newest_time
from domain.imports.memory_states import memory_from_sm2
from domain.imports.records import ExactCard, ExactReview, ImportedCard, ImportedReview, ImportedReviewKind, Rating
from domain.reviews import LoggedReview, MovedInterval, cap_duration
from domain.scheduling import Answer, Schedule, ScheduleChange
from domain.scheduling.card import INITIAL_EASE_FACTOR
from domain.scheduling.days import StudyDays
from domain.scheduling.sm2 import MIN_EASE_FACTOR
from domain.timestamps import MIN_TIMESTAMP

_QUALITIES = {Rating.AGAIN: 1, Rating.HARD: 3, Rating.GOOD: 4, Rating.EASY: 5}
_MAX_KEY_LENGTH = 100
# Clocks of devices differ.
_MAX_AHEAD = timedelta(hours=1)
_MAX_INTERVAL_DAYS = 36_500.0
_MAX_COUNT = 30_000
_MIN_REVIEW_DAYS = 1.0
_MAX_EASE_FACTOR = 1_000.0
# PostgreSQL stores neither null characters nor lone surrogates.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(slots=True)
class ImportedLog:
    """The entries of a card. `omitted`: how many reviews have a time that is impossible.

    Of exports of ShinJP: `undone`, reviews that the learner undid; `intervals`, by the keys of reviews, of which
    packages of Anki have `interval_days`, before and after; `stated`.
    """

    reviews: list[LoggedReview] = field(default_factory=list)
    changes: list[ScheduleChange] = field(default_factory=list)
    omitted: int = 0
    undone: list[LoggedReview] = field(default_factory=list)
    intervals: dict[str, MovedInterval] = field(default_factory=dict)
    interval_days: dict[str, tuple[float, float]] = field(default_factory=dict)
    stated: StatedSchedule | None = None


def entry_key(source: str, key: str) -> str:
    """Return the idempotency key of an entry of a source. Reviews that were exported from here have their own."""
    if source == ImportSourceKind.SHINJP_EXPORT and 0 < len(key) <= _MAX_KEY_LENGTH and key.isprintable():
        return key
    text = f"import:{source}:{key}"
    if len(text) <= _MAX_KEY_LENGTH and not _UNSTORABLE.search(text):
        return text
    return f"import:{source}:sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}"


def to_log(card: ImportedCard, source: str, days: StudyDays, now: datetime) -> ImportedLog:
    """Return reviews, resets, and the state of the card if its reviews do not lead to it."""
    if card.exact is not None:
        return _exact_log(card, card.exact, source, days, now)
    log = ImportedLog()
    latest = now + _MAX_AHEAD
    # The position of the last answer that moved the schedule.
    moving = -1
    is_moved = False
    for key, reviewed_at, rating, kind, interval_days, duration_ms, _ in card.reviews:
        if not MIN_TIMESTAMP <= reviewed_at <= latest:
            log.omitted += 1
            continue
        at = min(reviewed_at, now)
        is_moved = rating is None
        if rating is None:
            # What else moved the card follows from its state.
            if kind is ImportedReviewKind.MANUAL and interval_days == 0:
                reset = ScheduleChangeKind.RESET
                log.changes.append(ScheduleChange(at, entry_key(source, key), reset, days.day_of(at)))
                moving = -1
            continue
        moves = kind is not ImportedReviewKind.CRAM
        answer = Answer(at, entry_key(source, key), _QUALITIES[rating], days.day_of(at), None, moves)
        duration = None if duration_ms is None else cap_duration(max(duration_ms, 0))
        if moves:
            moving = len(log.reviews)
        log.reviews.append(LoggedReview(answer, duration))
    if card.state is not CardState.NEW and (moving < 0 or is_moved):
        log.changes.append(_state_entry(card, source, days, now))
    elif moving >= 0 and card.state is CardState.REVIEW and card.due_at is not None:
        # The day that the program chose is kept if it is in the range of the interval.
        answer, duration = log.reviews[moving]
        log.reviews[moving] = LoggedReview(answer._replace(due_day=days.day_of(card.due_at)), duration)
    return log


def _exact_log(card: ImportedCard, exact: ExactCard, source: str, days: StudyDays, now: datetime) -> ImportedLog:
    log = ImportedLog()
    for review in card.reviews:
        stated = review.exact
        if stated is None or not MIN_TIMESTAMP <= review.reviewed_at <= now + _MAX_AHEAD:
            # Packages have resets as reviews without a button, too.
            log.omitted += stated is not None
            continue
        logged = _exact_review(review, stated, source, days, now)
        key, before, after = logged.answer.idempotency_key, stated.interval_days_before, review.interval_days
        if stated.day is None:
            log.interval_days[key] = before, after
        else:
            log.intervals[key] = MovedInterval(before, after, stated.due_day, stated.retrievability)
        (log.undone if stated.undone else log.reviews).append(logged)
    _choose_due_day(log, exact)
    log.changes = [
        replace(change, idempotency_key=_change_key(change, card.key, source))
        for change in exact.changes
        if MIN_TIMESTAMP <= change.changed_at <= now
    ]
    newest_at = min(newest_time(exact, [review.answer.answered_at for review in log.reviews]), now)
    log.stated = StatedSchedule(exact, newest_at, entry_key(source, f"card:{card.key}"))
    return log


def _choose_due_day(log: ImportedLog, exact: ExactCard) -> None:
    """Keep the due day of a package, which has none for reviews, for the last answer that moved the schedule."""
    for index in range(len(log.reviews) - 1, -1, -1):
        answer, duration = log.reviews[index]
        if answer.reschedules:
            due_day = answer.due_day or exact.schedule.due_day
            log.reviews[index] = LoggedReview(answer._replace(due_day=due_day), duration)
            return


def _exact_review(
    review: ImportedReview, stated: ExactReview, source: str, days: StudyDays, now: datetime
) -> LoggedReview:
    at = min(review.reviewed_at, now)
    moves = review.kind is not ImportedReviewKind.CRAM
    key, day = entry_key(source, review.key), stated.day or days.day_of(at)
    duration = None if review.duration_ms is None else cap_duration(review.duration_ms)
    return LoggedReview(Answer(at, key, stated.quality, day, stated.due_day, moves), duration)


def _change_key(change: ScheduleChange, card_key: str, source: str) -> str:
    """Entries of all cards become entries of each."""
    if change.kind is ScheduleChangeKind.VACATION:
        return entry_key(source, f"vacation:{change.idempotency_key}:{card_key}")
    return change.idempotency_key


def _state_entry(card: ImportedCard, source: str, days: StudyDays, now: datetime) -> ScheduleChange:
    in_review = card.state is CardState.REVIEW
    interval = _limit(card.interval_days, _MIN_REVIEW_DAYS if in_review else 0.0, _MAX_INTERVAL_DAYS)
    due_at = card.due_at or now
    reviewed_at = card.last_reviewed_at or max((review.reviewed_at for review in card.reviews), default=None)
    if reviewed_at is None:
        reviewed_at = due_at - timedelta(days=interval)
    reviewed_at = min(max(reviewed_at, MIN_TIMESTAMP), now)
    due_at = min(max(due_at, MIN_TIMESTAMP), now + timedelta(days=_MAX_INTERVAL_DAYS))
    # After the reviews of the same time.
    changed_at = min(reviewed_at + timedelta(milliseconds=1), now)
    ease_factor = _limit(card.ease_factor or INITIAL_EASE_FACTOR, MIN_EASE_FACTOR, _MAX_EASE_FACTOR)
    memory = card.memory
    if in_review and memory is None:
        memory = memory_from_sm2(ease_factor, interval)
    due_day = days.day_of(due_at) if in_review else None
    schedule = Schedule(
        card.state,
        days.start_of(due_day) if due_day is not None else due_at,
        due_day,
        interval,
        ease_factor,
        memory and memory.stability,
        memory and memory.difficulty,
        None if in_review else 0,
        min(max(card.repetitions, 1), _MAX_COUNT),
        min(max(card.lapses, 0), _MAX_COUNT),
        reviewed_at,
        reviewed_at,
        days.day_of(reviewed_at),
        changed_at,
    )
    key = entry_key(source, f"card:{card.key}")
    return ScheduleChange(
        changed_at, key, ScheduleChangeKind.IMPORT, days.day_of(changed_at), due_day, imported=schedule
    )


def _limit(value: float, lowest: float, highest: float) -> float:
    """Return the nearest number in the range; the lowest for NaN."""
    return min(value, highest) if value >= lowest else lowest
