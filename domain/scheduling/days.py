"""A learner's days: in their time zone, starting at their hour. Times before a change of one belong to the days then.

The time zone database is that of the system, or of `tzdata`; statements that count days use PostgreSQL's.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from struct import pack
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEFAULT_DAY_STARTS_AT_HOUR = 4
_DAY = timedelta(days=1)


class EarlierDays(NamedTuple):
    """A time zone and hour of days that a learner had from a time until another."""

    since: datetime
    until: datetime
    time_zone: str
    starts_at_hour: int


class StudyDays:
    """Converts between times and days. `starts_at_hour` is 0..23. `earlier`: in the order of their ends."""

    def __init__(
        self,
        time_zone: str,
        starts_at_hour: int = DEFAULT_DAY_STARTS_AT_HOUR,
        earlier: Sequence[EarlierDays] = (),
    ) -> None:
        self._earlier = [(since, until, study_days(zone, hour)) for since, until, zone, hour in earlier]
        # The present ones began; None if there were no others.
        self.since = earlier[-1].until if earlier else None
        self._zone = _load_zone(time_zone)
        self._starts_at_hour = starts_at_hour
        # Without `fold`: of a repeated hour the first one, and after a skipped hour its end, when `day_of` changes.
        self._starts_at = time(starts_at_hour, tzinfo=self._zone)
        self.start_of = lru_cache(maxsize=128)(self._start_of)
        self.starts_from = lru_cache(maxsize=4)(self._starts_from)
        # A batch of reviews asks for the day of the same object.
        self._latest: tuple[datetime, date] | None = None

    def day_of(self, at: datetime) -> date:
        """The day of a time, in the time zone that the learner had then."""
        latest = self._latest
        if latest is not None and latest[0] is at:
            return latest[1]
        if self.since is not None and at < self.since:
            days = self._days_at(at)
            if days is not self:
                return days.day_of(at)
        # An import asks for the days of a million reviews: arithmetic with times takes twice as long.
        local = at.astimezone(self._zone)
        day = local.date() if local.hour >= self._starts_at_hour else local.date() - _DAY
        self._latest = at, day
        return day

    def hour_of(self, at: datetime) -> int:
        """The hour that the learner's clock showed at a time."""
        return at.astimezone(self._days_at(at)._zone).hour

    def _days_at(self, at: datetime) -> "StudyDays":
        # Before the first ones, when the learner was not here, no other days are known than the present ones.
        return next((days for since, until, days in self._earlier if since <= at < until), self)

    def _start_of(self, day: date) -> datetime:
        """The time at which a day starts in the present time zone, in UTC."""
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
def study_days(time_zone: str, starts_at_hour: int, earlier: tuple[EarlierDays, ...] = ()) -> StudyDays:
    """The days of a time zone and hour, and of earlier ones, cached."""
    return StudyDays(time_zone, starts_at_hour, earlier)
