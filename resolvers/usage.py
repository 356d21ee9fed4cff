"""Usage of the schema by clients."""

from datetime import date, timedelta

import strawberry
from graphql import GraphQLSyntaxError, parse_schema_coordinate, resolve_schema_coordinate

from common.text import truncate
from db.queries import usage as queries
from db.queries.usage import DeprecatedUsageRow, SchemaUsageRow
from domain.errors import BadUserInput
from domain.usage import USAGE_RETENTION
from engine.request.deprecation import Deprecation, deprecations
from resolvers.arguments import validate_days
from resolvers.context import Info

DEFAULT_USAGE_DAYS, MAX_USAGE_DAYS = 30, USAGE_RETENTION.days


async def deprecated_usage(info: Info, days: int | None = DEFAULT_USAGE_DAYS) -> list[DeprecatedUsageRow]:
    after_day = _after_day(info, days)
    coordinates = list(deprecations(info.schema._schema))
    if not coordinates:
        return []
    return await info.context.reads.rows(queries.deprecated_usage, after_day=after_day, coordinates=coordinates)


def reason(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> str:
    return _deprecation(info, parent).reason


def sunset(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> date | None:
    found = _deprecation(info, parent).sunset
    return None if found is None else found.on


async def schema_usage(info: Info, coordinate: str, days: int | None = DEFAULT_USAGE_DAYS) -> list[SchemaUsageRow]:
    _check_coordinate(coordinate)
    after_day = _after_day(info, days)
    found = await info.context.reads.rows(queries.schema_usage, after_day=after_day, coordinate=coordinate)
    # Parts that were removed have usage, too. A misspelt one must not look unused.
    if not found and not _is_in_schema(info, coordinate):
        raise BadUserInput(f"coordinate: {truncate(coordinate)!r} is not in the schema, and no request used it.")
    return found


def _check_coordinate(coordinate: str) -> None:
    """Raises BadUserInput."""
    try:
        parse_schema_coordinate(coordinate)
    except GraphQLSyntaxError:
        raise BadUserInput(
            f"coordinate: {truncate(coordinate)!r} is not a schema coordinate, such as `Book.title`."
        ) from None


def _is_in_schema(info: Info, coordinate: str) -> bool:
    try:
        return resolve_schema_coordinate(info.schema._schema, coordinate) is not None
    except TypeError:
        # The type, the field or the directive that would have it does not exist.
        return False


def _after_day(info: Info, days: int | None) -> date:
    days = validate_days(days, default=DEFAULT_USAGE_DAYS, maximum=MAX_USAGE_DAYS)
    return info.context.now.date() - timedelta(days=days)


def _deprecation(info: Info, usage: DeprecatedUsageRow) -> Deprecation:
    return deprecations(info.schema._schema)[usage.coordinate]
