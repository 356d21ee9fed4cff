"""Usage of the schema by clients."""

import datetime

import strawberry

from resolvers import usage as resolve_usage
from schema.directives import Cost


@strawberry.type(description="Usage of a deprecated field, argument or enum value by a client.")
class DeprecatedUsage:
    coordinate: str = strawberry.field(
        description="Coordinates of the field, argument or enum value.", directives=[Cost(weight="2")]
    )
    client: str = strawberry.field(description="The client's name, from its request headers.")
    count: int = strawberry.field(description="Number of uses.")
    last_seen_at: datetime.datetime = strawberry.field(description="Time of the last use.")
    reason = strawberry.field(
        resolver=resolve_usage.reason,
        graphql_type=str,
        description="Why it is deprecated, and its replacement.",
        directives=[Cost(weight="3")],
    )
    sunset = strawberry.field(
        resolver=resolve_usage.sunset,
        graphql_type=datetime.date | None,
        description="Date from which it may be removed; null if none is set.",
    )


@strawberry.type(description="Usage of a part of the schema by a version of a client.")
class SchemaUsage:
    client: str = strawberry.field(
        description=(
            "The client's name, from its request headers; `unknown` if it sends none, and `others` for all clients "
            "beyond the number that is counted by name."
        )
    )
    version: str = strawberry.field(description="The client's version; empty if it sends none.")
    count: int = strawberry.field(description="Number of requests.")
    last_used_on: datetime.date = strawberry.field(description="Day of the last use, in UTC.")
