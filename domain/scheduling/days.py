"""A learner's days: in their time zone, starting at their hour.

The time zone database is that of the system, or of `tzdata`; statements that count days use PostgreSQL's.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from struct import pack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_DAY_STARTS_AT_HOUR = 4
_DAY = timedelta(days=1)


class StudyDays:
    """Converts between times and days. `starts_at_hour` is 0..23."""

    def __init__(self, time_zone: str, starts_at_hour: int = DEFAULT_DAY_STARTS_AT_HOUR) -> None:
        self._zone = _load_zone(time_zone)
        self._starts_at_hour = starts_at_hour
        # Without `fold`: of a repeated hour the first one, and after a skipped hour its end, when `day_of` changes.
        self._starts_at = time(starts_at_hour, tzinfo=self._zone)
        self.start_of = lru_cache(maxsize=128)(self._start_of)
        self.starts_from = lru_cache(maxsize=4)(self._starts_from)
        # A batch of reviews asks for the day of the same object.
        self._latest: tuple[datetime, date] | None = None

    def day_of(self, at: datetime) -> date:
        """The day of a time."""
        latest = self._latest
        if latest is not None and latest[0] is at:
            return latest[1]
        # An import asks for the days of a million reviews: arithmetic with times takes twice as long.
        local = at.astimezone(self._zone)
        day = local.date() if local.hour >= self._starts_at_hour else local.date() - _DAY
        self._latest = at, day
        return day

    def _start_of(self, day: date) -> datetime:
        """The time at which a day starts, in UTC."""
        return datetime.combine(day, self._starts_at).astimezone(UTC)

    def _starts_from(self, day: date) -> tuple[int, ...]:
        """When this day and the next hundred start, in seconds since 1970, to look up the days of many times."""
        return tuple(int(self._start_of(day + timedelta(days=after)).timestamp()) for after in range(101))


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
