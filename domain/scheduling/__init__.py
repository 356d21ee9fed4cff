"""Spaced repetition: SM-2 and FSRS behind one interface."""

from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import assert_never

from domain.enums import Scheduler
from domain.ids import CardId
from domain.scheduling.card import (
    PASSING_QUALITY,
    Answer,
    LogEntry,
    Schedule,
    ScheduleChange,
    SchedulingAlgorithm,
    effective,
)
from domain.scheduling.fsrs import Fsrs
from domain.scheduling.load import DayLoads
from domain.scheduling.settings import SchedulingSettings
from domain.scheduling.sm2 import Sm2

__all__ = [
    "PASSING_QUALITY",
    "Answer",
    "DayLoads",
    "LogEntry",
    "Schedule",
    "ScheduleChange",
    "SchedulingAlgorithm",
    "SchedulingSettings",
    "algorithm",
    "effective",
    "fold",
    "replay",
]


@lru_cache(maxsize=1_024)
def algorithm(settings: SchedulingSettings) -> SchedulingAlgorithm:
    """The scheduling algorithm of a learner. Cached: a batch calls it for every card."""
    match settings.scheduler:
        case Scheduler.SM2:
            return Sm2(settings)
        case Scheduler.FSRS:
            return Fsrs(settings)
        case _:
            assert_never(settings.scheduler)


def replay(
    algorithm: SchedulingAlgorithm,
    card_id: CardId,
    schedule: Schedule,
    entries: Iterable[LogEntry],
    loads: DayLoads | None = None,
    balanced: Collection[str] = (),
) -> Iterator[tuple[LogEntry, Schedule]]:
    """Each entry in the order of the log, with the schedule after it. `loads`: for the reviews with these keys.

    The days of others are not stored, so they depend on the card only.
    """
    for entry in effective(sorted(entries, key=lambda entry: entry.sort_key)):
        if isinstance(entry, Answer):
            if entry.reschedules:
                chosen = loads if entry.idempotency_key in balanced else None
                schedule = algorithm.review(card_id, schedule, entry, chosen)
        else:
            schedule = entry.apply(schedule, algorithm.days)
        yield entry, schedule


def fold(algorithm: SchedulingAlgorithm, card_id: CardId, new: Schedule, entries: Iterable[LogEntry]) -> Schedule:
    """The schedule after all entries, in the order of the log."""
    schedule = new
    for _, after in replay(algorithm, card_id, new, entries):
        schedule = after
    return schedule
