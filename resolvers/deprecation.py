"""What is deprecated, read from the schema itself."""

import re
from datetime import date

import strawberry
from graphql import GraphQLEnumType, GraphQLSchema

from db.queries.administration import DeprecatedUsageRow
from resolvers.context import Info

# The last sentence of a deprecation's reason may say until when it works: "Use `x`. Sunset: 2027-01-31."
_SUNSET = re.compile(r"Sunset: (\d{4}-\d{2}-\d{2})")


def reason(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> str:
    return _reason(info.schema._schema, parent.coordinate) or "It is not part of the schema any more."


def sunset(parent: strawberry.Parent[DeprecatedUsageRow], info: Info) -> date | None:
    found = _SUNSET.search(_reason(info.schema._schema, parent.coordinate) or "")
    return date.fromisoformat(found[1]) if found else None


def _reason(schema: GraphQLSchema, coordinate: str) -> str | None:
    type_name, _, member = coordinate.partition(".")
    type_ = schema.get_type(type_name)
    members = type_.values if isinstance(type_, GraphQLEnumType) else getattr(type_, "fields", {})
    found = members.get(member)
    return found.deprecation_reason if found else None
