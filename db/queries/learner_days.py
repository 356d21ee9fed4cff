"""SQL of a learner's days. `StudyDays` is the same in Python."""


def start_of_day(day: str, time_zone: str = "time_zone", turn: str = "turn") -> str:
    """Return SQL of the time at which a day starts. Arguments: SQL of a date, a time zone, and the hour as an interval.

    The first time at which the learner's clock shows that hour, or a later one if daylight saving skips it. Of an hour
    that it repeats, `at time zone` alone is the second one.
    """
    local = f"({day} + {turn})"
    before = f"({local} - interval '1 microsecond') at time zone {time_zone} + interval '1 microsecond'"
    return f"least({local} at time zone {time_zone}, {before})"
