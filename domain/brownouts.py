"""Brown-outs: announced times at which a deprecated part of the schema fails, so that its clients are noticed."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from domain.errors import ClientError, ErrorCode

MAX_BROWNOUTS = 100
# Of coordinates.
_COORDINATE = re.compile(r"\w+\.\w+(\(\w+:\))?")


class Brownout(NamedTuple):
    """The coordinate fails from `start` until `end`."""

    coordinate: str
    start: datetime
    end: datetime

    def is_active(self, now: datetime) -> bool:
        return self.start <= now < self.end


class PartUnavailable(ClientError):
    """The operation uses a deprecated part during a brown-out."""

    code = ErrorCode.BROWNOUT


@lru_cache(maxsize=8)
def parse_brownouts(text: str) -> tuple[Brownout, ...]:
    """Parse `Book.oldTitle=2027-01-10T09:00Z/2027-01-10T10:00Z`, separated by spaces. Raises ValueError."""
    brownouts = []
    for part in text.split():
        coordinate, _, times = part.partition("=")
        start, _, end = times.partition("/")
        if not _COORDINATE.fullmatch(coordinate):
            raise ValueError(f"{coordinate!r} is not a coordinate such as `Book.oldTitle`")
        try:
            brownout = Brownout(coordinate, datetime.fromisoformat(start), datetime.fromisoformat(end))
        except ValueError:
            raise ValueError(f"{times!r} is not two times such as `2027-01-10T09:00Z/2027-01-10T10:00Z`") from None
        if brownout.start.tzinfo is None or brownout.end.tzinfo is None:
            raise ValueError(f"the times of {part!r} have no offset")
        if brownout.start >= brownout.end:
            raise ValueError(f"{part!r} ends before it starts")
        brownouts.append(brownout)
    if len(brownouts) > MAX_BROWNOUTS:
        raise ValueError(f"{len(brownouts)} brown-outs exceed the limit of {MAX_BROWNOUTS}")
    return tuple(brownouts)


def check_brownouts(brownouts: Sequence[Brownout], coordinates: Iterable[str], now: datetime) -> None:
    """Raises PartUnavailable if the operation uses one of the coordinates during its brown-out."""
    used = frozenset(coordinates)
    for brownout in brownouts:
        if brownout.coordinate in used and brownout.is_active(now):
            until = brownout.end.isoformat()
            raise PartUnavailable(
                f"{brownout.coordinate} is deprecated, and unavailable until {until}, as announced.",
                coordinate=brownout.coordinate,
                until=until,
            )
