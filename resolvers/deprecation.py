"""Resolvers of deprecated usage; reasons are read from the schema."""

import re
from datetime import date

import strawberry

from db.queries.administration import DeprecatedUsageRow
from engine.request.deprecation import deprecation_reason
from resolvers.context import Info

# A deprecation reason may end with a sunset date: "Use `x`. Sunset: 2027-01-31."
_SUNSET = re.compile(r"Sunset: (\d{4}-\d{2}-\d{2})")


def reason(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> str:
    found = deprecation_reason(info.schema._schema, parent.coordinate)
    return found or "Removed from the schema."


def sunset(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> date | None:
    found = _SUNSET.search(deprecation_reason(info.schema._schema, parent.coordinate) or "")
    return date.fromisoformat(found[1]) if found else None
