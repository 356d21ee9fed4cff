"""Spreads due days over the range of an interval by the number of cards that are already due."""

from collections.abc import Mapping
from datetime import date, timedelta

# Days ahead that are balanced, as in Anki; the ranges of longer intervals are wide enough.
BALANCED_DAYS = 90


class DayLoads:
    """The number of cards due on each of the next days; chosen days are added."""

    def __init__(self, due: Mapping[date, int]) -> None:
        self._due = dict(due)

    def choose(self, first: date, last: date, preferred: date) -> date:
        """The day with the fewest cards; of several, the one next to `preferred`."""
        days = (first + timedelta(days=number) for number in range((last - first).days + 1))
        day = min(days, key=lambda day: (self._due.get(day, 0), abs((day - preferred).days)))
        self._due[day] = self._due.get(day, 0) + 1
        return day
