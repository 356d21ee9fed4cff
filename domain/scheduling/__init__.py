"""When a card is due again. Two algorithms behind one interface."""

from collections.abc import Iterable
from typing import assert_never
from uuid import UUID

from domain.scheduling.card import RECALLED, Answer, Schedule, SchedulingAlgorithm
from domain.scheduling.fsrs import Fsrs
from domain.scheduling.sm2 import Sm2
from domain.values import Scheduler

__all__ = ["RECALLED", "Answer", "Schedule", "SchedulingAlgorithm", "algorithm", "fold"]


def algorithm(scheduler: Scheduler, desired_retention: float) -> SchedulingAlgorithm:
    """The algorithm that a learner chose. SM-2 does not look at `desired_retention`."""
    match scheduler:
        case Scheduler.SM2:
            return Sm2()
        case Scheduler.FSRS:
            return Fsrs(desired_retention)
        case _:
            assert_never(scheduler)


def fold(algorithm: SchedulingAlgorithm, card_id: UUID, new: Schedule, answers: Iterable[Answer]) -> Schedule:
    """A card's state is the fold of its reviews, in order of (answered_at, idempotency_key)."""
    schedule = new
    for answer in sorted(answers, key=lambda answer: (answer.answered_at, answer.idempotency_key)):
        schedule = algorithm.review(card_id, schedule, answer.quality, answer.answered_at)
    return schedule
