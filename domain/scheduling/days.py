"""A learner's days: in their time zone, starting at their hour.

The time zone database is that of the system, or of `tzdata`; statements that count days use PostgreSQL's.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from struct import pack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_DAY_STARTS_AT_HOUR = 4


class StudyDays:
    """Converts between times and days. `starts_at_hour` is 0..23."""

    def __init__(self, time_zone: str, starts_at_hour: int = DEFAULT_DAY_STARTS_AT_HOUR) -> None:
        self._zone = _load_zone(time_zone)
        self._offset = timedelta(hours=starts_at_hour)
        # `fold`: of the two times of a repeated hour the later one, as PostgreSQL chooses.
        self._starts_at = time(starts_at_hour, tzinfo=self._zone, fold=1)
        self.start_of = lru_cache(maxsize=128)(self._start_of)
        # A batch of reviews asks for the day of the same object.
        self._latest: tuple[datetime, date] | None = None

    def day_of(self, at: datetime) -> date:
        """The day of a time."""
        latest = self._latest
        if latest is not None and latest[0] is at:
            return latest[1]
        day = (at.astimezone(self._zone).replace(tzinfo=None) - self._offset).date()
        self._latest = at, day
        return day

    def _start_of(self, day: date) -> datetime:
        """The time at which a day starts, in UTC."""
        return datetime.combine(day, self._starts_at).astimezone(UTC)


def _load_zone(time_zone: str) -> ZoneInfo:
    """The zone of a name, or of a POSIX rule, which PostgreSQL accepts too. Raises ValueError for another string."""
    try:
        return ZoneInfo(time_zone)
    except ZoneInfoNotFoundError:
        # A file (RFC 9636) without transitions, whose footer is the rule.
        header = b"TZif2" + bytes(15) + pack(">6L", 0, 0, 0, 0, 1, 4)
        local_time = pack(">lBB", 0, 0, 0) + b"LMT\0"
        rule = b"\n" + time_zone.encode() + b"\n"
        return ZoneInfo.from_file(BytesIO((header + local_time) * 2 + rule))


@lru_cache(maxsize=1_024)
def study_days(time_zone: str, starts_at_hour: int) -> StudyDays:
    """The days of a time zone and hour, cached."""
    return StudyDays(time_zone, starts_at_hour)
