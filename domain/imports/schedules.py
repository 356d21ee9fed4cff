"""From the cards and logs of another program to the entries of the log here."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.enums import CardState, ImportSourceKind, ScheduleChangeKind
from domain.imports.memory_states import memory_from_sm2
from domain.imports.records import ImportedCard, ImportedReviewKind, Rating
from domain.reviews import LoggedReview, cap_duration
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
    """The entries of a card. `omitted`: how many reviews have a time that is impossible."""

    reviews: list[LoggedReview] = field(default_factory=list)
    changes: list[ScheduleChange] = field(default_factory=list)
    omitted: int = 0


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
    log = ImportedLog()
    latest = now + _MAX_AHEAD
    # The position of the last answer that moved the schedule.
    moving = -1
    is_moved = False
    for key, reviewed_at, rating, kind, interval_days, duration_ms in card.reviews:
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
