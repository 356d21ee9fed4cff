"""SQL of a learner's days. `StudyDays` is the same in Python."""

from datetime import datetime, timedelta

# A review has the learner's day when it was saved, perhaps in another time zone.
_MAX_AGE = timedelta(days=3)


def answered_since(now: datetime) -> datetime:
    """Return a time before all reviews of the learner's day, for the parameter `answered_since`.

    Computed in SQL, the planner would plan the scans of all partitions, which takes longer than the statement.
    """
    return now - _MAX_AGE


def start_of_day(day: str, time_zone: str = "time_zone", turn: str = "turn", *, is_immutable: bool = False) -> str:
    """Return SQL of the time at which a day starts. Arguments: SQL of a date, a time zone, and the hour as an interval.

    The first time at which the learner's clock shows that hour, or a later one if daylight saving skips it. Of an hour
    that it repeats, `at time zone` alone is the second one. `is_immutable`: use only immutable functions, as Citus
    requires in assignments.
    """
    local = f"({day} + {turn})"
    last = f"({local} - interval '1 microsecond') at time zone {time_zone}"
    before = microsecond_after(last) if is_immutable else f"{last} + interval '1 microsecond'"
    return f"least({local} at time zone {time_zone}, {before})"


def microsecond_after(time: str) -> str:
    """Return SQL of the next time by immutable functions, which the sum of a time with zone and an interval is not."""
    return f"(({time}) at time zone 'UTC' + interval '1 microsecond') at time zone 'UTC'"
