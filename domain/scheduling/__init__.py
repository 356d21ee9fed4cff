"""When a card is due again. Two algorithms behind one interface."""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import assert_never
from uuid import UUID

from domain.enums import Scheduler
from domain.scheduling.card import RECALLED, Answer, Schedule, SchedulingAlgorithm
from domain.scheduling.fsrs import Fsrs
from domain.scheduling.sm2 import Sm2

__all__ = ["RECALLED", "Answer", "Schedule", "SchedulingAlgorithm", "algorithm", "fold", "replay"]


@lru_cache(maxsize=256)
def algorithm(scheduler: Scheduler, desired_retention: float) -> SchedulingAlgorithm:
    """The algorithm that a learner chose. SM-2 does not look at `desired_retention`.

    Remembered, for every card of a batch asks for it.
    """
    match scheduler:
        case Scheduler.SM2:
            return Sm2()
        case Scheduler.FSRS:
            return Fsrs(desired_retention)
        case _:
            assert_never(scheduler)


def replay(
    algorithm: SchedulingAlgorithm, card_id: UUID, schedule: Schedule, answers: Iterable[Answer]
) -> Iterator[tuple[Answer, Schedule]]:
    """Each answer, in the log's order, with the card after it."""
    for answer in sorted(answers, key=lambda answer: answer.place):
        schedule = algorithm.review(card_id, schedule, answer.quality, answer.answered_at)
        yield answer, schedule


def fold(algorithm: SchedulingAlgorithm, card_id: UUID, new: Schedule, answers: Iterable[Answer]) -> Schedule:
    """A card's state is the fold of its reviews, in the log's order."""
    schedules = [new, *(after for _, after in replay(algorithm, card_id, new, answers))]
    return schedules[-1]
