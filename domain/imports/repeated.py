"""Which reviews and resets of a source a card already has, under other keys."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.enums import ScheduleChangeKind
from domain.reviews import LoggedReview
from domain.scheduling import Answer, LogEntry, ScheduleChange
from domain.scheduling.fsrs import RATINGS

# Packages have milliseconds, and entries of one millisecond a millisecond apart: those of a batch follow each other.
_MILLISECOND, _LATER = timedelta(milliseconds=1), timedelta(seconds=1)


def repeated_reviews(known: Sequence[Answer], added: Iterable[LoggedReview]) -> set[str]:
    """Return the keys of added reviews that are known: at the same time, with the same rating.

    Each known review is found once.
    """
    if not known:
        return set()
    times: dict[int, list[datetime]] = defaultdict(list)
    for answer in known:
        times[RATINGS[answer.quality]].append(answer.answered_at)
    by_rating: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for answer, _ in added:
        by_rating[RATINGS[answer.quality]].append((answer.answered_at, answer.idempotency_key))
    return {key for rating, reviews in by_rating.items() for key in _repeated(sorted(times[rating]), reviews)}


def repeated_changes(known: Iterable[LogEntry], added: Iterable[ScheduleChange]) -> set[str]:
    """Return the keys of added resets that are known: at the same time, under another key."""
    reset = ScheduleChangeKind.RESET
    resets = [entry for entry in known if isinstance(entry, ScheduleChange) and entry.kind is reset]
    keys = {entry.idempotency_key for entry in resets}
    new = [(entry.changed_at, entry.idempotency_key) for entry in added if entry.kind is reset]
    return set(
        _repeated(
            sorted(entry.changed_at for entry in resets if entry.idempotency_key not in {key for _, key in new}),
            [entry for entry in new if entry[1] not in keys],
        )
    )


def _repeated(times: Sequence[datetime], added: Iterable[tuple[datetime, str]]) -> Iterable[str]:
    position = 0
    for at, key in sorted(added):
        while position < len(times) and times[position] < at - _LATER:
            position += 1
        if position < len(times) and times[position] < at + _MILLISECOND:
            position += 1
            yield key
