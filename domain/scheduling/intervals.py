"""Rounds the intervals of FSRS to whole days, as Anki does."""

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
        return min(max(int(states.again.interval + 0.5), 1), maximum)
    days = 0
    if last is not None or rating == HARD:
        days = _rounded(states.hard.interval, last)
    if rating >= GOOD:
        days = max(_rounded(states.good.interval, last), min(days, maximum) + 1)
    if rating == EASY:
        days = max(_rounded(states.easy.interval, last), min(days, maximum) + 1)
    return min(days, maximum)


def _rounded(interval: float, last: int | None) -> int:
    """At least a day. In review, an interval as long as the last one except for the fuzz is not shorter."""
    days = int(interval + 0.5)
    if last is None:
        return days or 1
    if days > last:
        return days
    return max(days, last if fuzz_bounds(interval)[1] >= last else 1)
