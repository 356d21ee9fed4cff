"""Spaced repetition: SM-2 and FSRS behind one interface."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import assert_never

from domain.enums import Scheduler
from domain.ids import CardId
from domain.scheduling.card import PASSING_QUALITY, Answer, Schedule, SchedulingAlgorithm
from domain.scheduling.fsrs import Fsrs
from domain.scheduling.sm2 import Sm2

__all__ = ["PASSING_QUALITY", "Answer", "Schedule", "SchedulingAlgorithm", "algorithm", "fold", "replay"]


@lru_cache(maxsize=256)
def algorithm(scheduler: Scheduler, desired_retention: float) -> SchedulingAlgorithm:
    """The scheduling algorithm. SM-2 ignores `desired_retention`. Cached: a batch calls it for every card."""
    match scheduler:
        case Scheduler.SM2:
            return Sm2()
        case Scheduler.FSRS:
            return Fsrs(desired_retention)
        case _:
            assert_never(scheduler)


def replay(
    algorithm: SchedulingAlgorithm, card_id: CardId, schedule: Schedule, answers: Iterable[Answer]
) -> Iterator[tuple[Answer, Schedule]]:
    """Each answer in the order of the log, with the schedule after it."""
    for answer in sorted(answers, key=lambda answer: answer.sort_key):
        schedule = algorithm.review(card_id, schedule, answer.quality, answer.answered_at)
        yield answer, schedule


def fold(algorithm: SchedulingAlgorithm, card_id: CardId, new: Schedule, answers: Iterable[Answer]) -> Schedule:
    """The schedule after all answers, in the order of the log."""
    schedules = [new, *(after for _, after in replay(algorithm, card_id, new, answers))]
    return schedules[-1]
