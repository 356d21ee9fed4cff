"""Custom scalars."""

from datetime import UTC, date, datetime

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from domain.errors import BadUserInput
from domain.timestamps import parse_date, parse_timestamp
from domain.uploads import UploadedFile


def _format_moment(value: datetime) -> str:
    # Timestamps from the database are in UTC. orjson takes a third of the time of `isoformat`.
    moment = value if value.tzinfo is UTC else value.astimezone(UTC)
    return orjson.dumps(moment, None, orjson.OPT_UTC_Z)[1:-1].decode()


def _parse_file(value: object) -> UploadedFile:
    if isinstance(value, UploadedFile):
        return value
    raise BadUserInput("A value of the type Upload is a file of a multipart request.")


def _no_output(value: object) -> str:
    raise TypeError("Upload is an input type.")


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description=(
            "An RFC 3339 timestamp, such as 2026-01-31T09:00:00Z. Responses are in UTC. Arguments accept any "
            "offset and the years 1900 to 9999 in UTC, and are truncated to microseconds."
        ),
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=_format_moment,
        parse_value=parse_timestamp,
    ),
    UploadedFile: strawberry.scalar(
        name="Upload",
        description="A file of a multipart request; only as a variable.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        serialize=_no_output,
        parse_value=_parse_file,
    ),
    date: strawberry.scalar(
        name="Date",
        description="An ISO 8601 calendar date, such as 2026-01-31. Arguments accept the years 1900 to 9999.",
        specified_by_url="https://datatracker.ietf.org/doc/html/rfc3339",
        serialize=date.isoformat,
        parse_value=parse_date,
    ),
}
