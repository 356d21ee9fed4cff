"""Days without reviews that do not end a streak."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise

from domain.scheduling.days import StudyDays

MAX_STREAK_FREEZES_PER_MONTH = 10

# A day that a journey shortened is not missed if less of it is left.
_ENOUGH_OF_A_DAY = timedelta(hours=12)
_DAY = timedelta(days=1)


def missed_days_to_freeze(
    studied: Collection[date],
    frozen: Collection[date],
    used: Iterable[date],
    changed: Iterable[date],
    per_month: int,
    ended: Collection[date] = (),
) -> list[date]:
    """The days to freeze before and after `changed` days, which are now studied or no longer are.

    A gap is frozen as a whole, if each month still has enough freezes. `used`: days for which there were freezes.
    `ended`: days that ended a streak with an earlier number of freezes, if they were missed.
    """
    changed = sorted(changed)
    left = Counter({month: -number for month, number in Counter(map(_month, used)).items()})
    found = []
    for before, after in pairwise(sorted(studied)):
        if not any(before <= day <= after for day in changed):
            continue
        missed = [day for day in _between(before, after) if day not in frozen]
        needed = Counter(map(_month, missed))
        if any(day in ended for day in missed):
            continue
        if all(left[month] + per_month >= number for month, number in needed.items()):
            left.subtract(needed)
            found += missed
    return found


def shortened_days(before: StudyDays, after: StudyDays, now: datetime) -> list[date]:
    """Days that another time zone or start of the day ended or left too short to study.

    A journey to the east makes a day shorter; one across the date line can skip a day.
    """
    first, today = before.day_of(now), after.day_of(now)
    days = [first + timedelta(days=number) for number in range((today - first).days)]
    ends_at = after.start_of(today + _DAY)
    is_shorter = today > first or (today == first and ends_at < before.start_of(first + _DAY))
    return [*days, today] if is_shorter and ends_at - now < _ENOUGH_OF_A_DAY else days


def _between(before: date, after: date) -> Iterator[date]:
    return (before + timedelta(days=number) for number in range(1, (after - before).days))


def _month(day: date) -> date:
    return day.replace(day=1)
