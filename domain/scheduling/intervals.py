"""Rounds the intervals of FSRS to whole days, as Anki does."""

import math
from operator import attrgetter

from fsrs_rs_python import NextStates

from domain.scheduling.fuzz import fuzz_bounds

AGAIN, HARD, GOOD, EASY = range(4)
# The state after each rating.
STATES = (attrgetter("again"), attrgetter("hard"), attrgetter("good"), attrgetter("easy"))


def whole_days(states: NextStates, rating: int, last: int | None, maximum: int) -> int:
    """The interval after a rating. Good is longer than Hard, and Easy longer than Good.

    `last`: the interval before a review; None in learning steps.
    """
    if rating == AGAIN:
        return min(max(_round(states.again.interval), 1), maximum)
    days = 0
    if last is not None or rating == HARD:
        hard = states.hard.interval
        days = max(_round(hard), _shortest(hard, last))
    if rating >= GOOD:
        good = states.good.interval
        days = max(_round(good), _shortest(good, last), min(days, maximum) + 1)
    if rating == EASY:
        easy = states.easy.interval
        days = max(_round(easy), _shortest(easy, last), min(days, maximum) + 1)
    return min(days, maximum)


def _round(interval: float) -> int:
    return math.floor(interval + 0.5)


def _shortest(interval: float, last: int | None) -> int:
    """In review, a longer interval is at least a day longer than the last one, and one as long except for the fuzz is
    not shorter."""
    if last is None:
        return 1
    if _round(interval) > last:
        return last + 1
    return last if fuzz_bounds(interval)[1] >= last else 1
