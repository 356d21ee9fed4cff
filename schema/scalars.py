"""Scalars whose form the contract fixes."""

from datetime import UTC, date, datetime

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.errors import BadUserInput
from domain.ids import shorten


def _format_moment(value: datetime) -> str:
    # The database gives moments in UTC. orjson takes a third of what `isoformat` does.
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return orjson.dumps(moment, None, orjson.OPT_UTC_Z)[1:-1].decode()


def _parse_moment(value: object) -> datetime:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is not None and moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadUserInput(f"{shorten(str(value))!r} is not a moment such as 2026-01-31T09:00:00Z, with its offset.")


def _parse_date(value: object) -> date:
    try:
        if isinstance(value, str):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadUserInput(f"{shorten(str(value))!r} is not a date such as 2026-01-31.")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment as RFC 3339 writes it, in UTC: 2026-01-31T09:00:00Z.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_format_moment,
        parse_value=_parse_moment,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day: 2026-01-31.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=date.isoformat,
        parse_value=_parse_date,
    ),
}
