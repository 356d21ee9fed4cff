"""Deprecated parts of a schema."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

SchemaPart = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue

# The key of a `Sunset` in the extensions of a part.
SUNSET = "sunset"


class Sunset(NamedTuple):
    """Dates of a deprecated part: since when it is deprecated, and from when it does not exist. `replacement`:
    coordinates.
    """

    since: date
    on: date
    replacement: str | None


class Deprecation(NamedTuple):
    """A deprecated part. `sunset`: if it is planned."""

    coordinate: str
    reason: str
    sunset: Sunset | None


@lru_cache(maxsize=8)
def deprecations(schema: GraphQLSchema) -> Mapping[str, Deprecation]:
    """Deprecated fields, arguments, input fields and enum values by coordinate."""
    return {
        coordinate: Deprecation(coordinate, part.deprecation_reason, part.extensions.get(SUNSET))
        for coordinate, part in schema_parts(schema)
        if part.deprecation_reason is not None
    }


def schema_parts(schema: GraphQLSchema) -> Iterator[tuple[str, SchemaPart]]:
    """All fields, arguments, input fields and enum values with their coordinates."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                yield f"{type_}.{name}", field
                for argument_name, argument in field.args.items():
                    yield f"{type_}.{name}({argument_name}:)", argument
        elif isinstance(type_, GraphQLInputObjectType):
            for name, input_field in type_.fields.items():
                yield f"{type_}.{name}", input_field
        elif isinstance(type_, GraphQLEnumType):
            for name, value in type_.values.items():
                yield f"{type_}.{name}", value
