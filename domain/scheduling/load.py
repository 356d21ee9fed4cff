"""Chooses the due day within the range of an interval, by the cards that are due and by the learner's easy days."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import accumulate

from domain.scheduling.days import StudyDays

# Days ahead that are balanced, as in Anki; the ranges of longer intervals are wide enough.
BALANCED_DAYS = 90

# The share of reviews on each weekday, Monday first.
NO_EASY_DAYS = (1.0,) * 7


class DayLoads:
    """The number of cards due on each of the next days; chosen days are added."""

    def __init__(self, due: Mapping[date, int]) -> None:
        self._due = {day.toordinal(): cards for day, cards in due.items()}

    @classmethod
    def at(cls, times: Iterable[Iterable[int]], days: StudyDays, today: date) -> "DayLoads":
        """Of pairs of a time from the start of `today` on, in seconds since 1970, and the number of cards due then."""
        loads, starts, before = cls({}), days.starts_from(today), today.toordinal() - 1
        due = loads._due
        for seconds, cards in times:
            ordinal = before + bisect_right(starts, seconds)
            due[ordinal] = due.get(ordinal, 0) + cards
        return loads

    def choose(self, day: date, shortest: int, longest: int, position: float, easy_days: Sequence[float]) -> date:
        """A day `shortest` to `longest` days after `day`. `position`: in the range, 0..1, if nothing else decides.

        A range that neither starts nor ends earlier gives the same day or a later one.
        """
        after = spread(day, shortest, longest, position, easy_days)
        if shortest <= BALANCED_DAYS:
            balanced = self._least_loaded(day, shortest, min(longest, BALANCED_DAYS), after, easy_days)
            # A range that ends later is not balanced.
            after = balanced if longest <= BALANCED_DAYS else max(balanced, after)
        due_day = day.toordinal() + after
        self._due[due_day] = self._due.get(due_day, 0) + 1
        return date.fromordinal(due_day)

    def _least_loaded(self, day: date, shortest: int, longest: int, preferred: int, easy_days: Sequence[float]) -> int:
        """The day with the fewest cards for its share; of several, the one next to `preferred`."""
        due, today = self._due, day.toordinal()
        if easy_days is NO_EASY_DAYS:
            # The usual case: the shares of all days are equal.
            chosen, fewest = shortest, due.get(today + shortest, 0)
            for after in range(shortest + 1, longest + 1):
                cards = due.get(today + after, 0)
                if cards < fewest or (cards == fewest and abs(after - preferred) < abs(chosen - preferred)):
                    chosen, fewest = after, cards
            return chosen
        weekday = day.weekday()

        def cost(after: int) -> tuple[bool, float, int]:
            share = easy_days[(weekday + after) % 7]
            return share == 0, (due.get(today + after, 0) + 1) / (share or 1), abs(after - preferred)

        return min(range(shortest, longest + 1), key=cost)


def spread(day: date, shortest: int, longest: int, position: float, easy_days: Sequence[float]) -> int:
    """The days after `day` at `position` of the range, in which each day is as wide as its share."""
    if easy_days == NO_EASY_DAYS:
        return shortest + min(int(position * (longest - shortest + 1)), longest - shortest)
    shares = [easy_days[(day.weekday() + after) % 7] for after in range(shortest, longest + 1)]
    ends = list(accumulate(shares if any(shares) else [1.0] * len(shares)))
    target = position * ends[-1]
    return next((shortest + number for number, end in enumerate(ends) if target < end), longest)
