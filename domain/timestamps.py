"""Timestamps and dates as clients and devices send them."""

import re
from datetime import UTC, date, datetime

from common.text import truncate
from domain.errors import BadUserInput

# Earlier timestamps come from devices whose clock was never set.
MIN_TIMESTAMP = datetime(2000, 1, 1, tzinfo=UTC)

# The years that arguments accept; 9999 is the maximum of `datetime`. Statements may add days to dates, because
# PostgreSQL's range is larger; no Python code adds days to a client's date.
MIN_YEAR, MAX_YEAR = 1900, 9999

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# The grammar of RFC 3339, section 5.6, without a space instead of the T. `datetime.fromisoformat` accepts all of
# ISO 8601.
_TIMESTAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9]|60)(?:\.([0-9]+))?"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_timestamp(value: object) -> datetime:
    """An RFC 3339 timestamp, converted to UTC and truncated to microseconds.

    A leap second becomes the last microsecond before it, so that its date stays the same. Raises BadUserInput.
    """
    found = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise BadUserInput(
            f"{truncate(str(value))!r} is not a timestamp such as 2026-01-31T09:00:00Z, with its offset (RFC 3339)."
        )
    day, hour, minute, second, fraction, offset = found.groups()
    is_leap = second == "60"
    if is_leap:
        second, fraction = "59", "999999"
    offset = "+00:00" if offset in "Zz" else offset
    fraction = "" if fraction is None else f".{fraction[:6]:0<6}"
    try:
        timestamp = datetime.fromisoformat(f"{day}T{hour}:{minute}:{second}{fraction}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadUserInput(f"{truncate(found.string)!r} is not a date in the years {MIN_YEAR} to {MAX_YEAR}.") from None
    if timestamp.year < MIN_YEAR:
        raise BadUserInput(f"{truncate(found.string)!r} is before the year {MIN_YEAR} in UTC.")
    if is_leap and (timestamp.hour, timestamp.minute) != (23, 59):
        raise BadUserInput(f"{truncate(found.string)!r} has a leap second that is not at 23:59:60 in UTC.")
    return timestamp


def parse_date(value: object) -> date:
    """An ISO 8601 calendar date. Raises BadUserInput."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            pass
        else:
            if day.year >= MIN_YEAR:
                return day
            raise BadUserInput(f"{value!r} is before the year {MIN_YEAR}.")
    raise BadUserInput(f"{truncate(str(value))!r} is not a date such as 2026-01-31.")


def is_repeated_time(given: datetime | None, saved: datetime, saved_at: datetime) -> bool:
    """Whether a request with a time can be the one that was saved with another, of which `clamp_to_now` gave `saved`.

    If it equals `saved_at`, the server set it: the device sent none, or one in the future.
    """
    if saved == saved_at:
        return given is None or given >= saved
    return given == saved


def clamp_to_now(timestamp: datetime | None, now: datetime) -> datetime:
    """`now` if the timestamp is missing or in the future, as from a device whose clock is wrong."""
    return now if timestamp is None else min(timestamp, now)
