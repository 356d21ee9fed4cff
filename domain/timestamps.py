"""Timestamps and dates as clients and devices send them."""

import re
from datetime import UTC, date, datetime

from domain.errors import BadUserInput
from domain.ids import shorten

# Nothing of a learner's is older. What claims to be comes from a device whose clock was never set.
EARLIEST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)

# What any argument may name. Up to the year 9999 in UTC, which `datetime` and PostgreSQL can hold; statements add days
# to dates without leaving PostgreSQL's range, and nothing here adds days to what a client sent.
FIRST_YEAR, LAST_YEAR = 1900, 9999

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# RFC 3339, section 5.6, by its grammar: no blank instead of the T. `datetime.fromisoformat` takes all of ISO 8601.
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_timestamp(value: object) -> datetime:
    """An RFC 3339 timestamp in UTC. Digits after the sixth of a fraction are cut off.

    A leap second is the last microsecond before it, so that it stays in its day. Raises BadUserInput.
    """
    found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadUserInput(
            f"{shorten(str(value))!r} is not a timestamp such as 2026-01-31T09:00:00Z, with its offset (RFC 3339)."
        )
    day, hour, minute, second, fraction, offset = found.groups()
    is_leap = second == "60"
    if is_leap:
        second, fraction = "59", "999999"
    offset = "+00:00" if offset in "Zz" else offset
    fraction = "" if fraction is None else f".{fraction[:6]:0<6}"
    try:
        moment = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}{fraction}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadUserInput(f"{shorten(found.string)!r} is no day of the years {FIRST_YEAR} to {LAST_YEAR}.") from None
    if moment.year < FIRST_YEAR:
        raise BadUserInput(f"{shorten(found.string)!r} is before the year {FIRST_YEAR} in UTC.")
    if is_leap and (moment.hour, moment.minute) != (23, 59):
        raise BadUserInput(f"{shorten(found.string)!r} has a leap second that is not at 23:59:60 in UTC.")
    return moment


def parse_date(value: object) -> date:
    """A day. Raises BadUserInput."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if day.year >= FIRST_YEAR:
                return day
            raise BadUserInput(f"{value!r} is before the year {FIRST_YEAR}.")
    raise BadUserInput(f"{shorten(str(value))!r} is not a date such as 2026-01-31.")


def not_ahead(moment: datetime | None, now: datetime) -> datetime:
    """The moment; now where none was told, and where it lies ahead, as by a clock that is wrong."""
    return now if moment is None else min(moment, now)
