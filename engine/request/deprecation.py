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


def find_sunset_problems(schema: GraphQLSchema, today: date) -> list[str]:
    """Sentences about deprecated parts without a planned end, and about those that should no longer exist."""
    problems = []
    deprecated, parts = deprecations(schema), dict(schema_parts(schema))
    for coordinate, part in parts.items():
        sunset: Sunset | None = part.extensions.get(SUNSET)
        if coordinate not in deprecated:
            if sunset is not None:
                problems.append(f"{coordinate} has @sunset, and is not deprecated.")
        elif sunset is None:
            problems.append(f"{coordinate} is deprecated, and has no @sunset.")
        elif sunset.on <= sunset.since:
            problems.append(f"{coordinate} has a sunset on {sunset.on}, which is not after {sunset.since}.")
        elif sunset.on <= today:
            problems.append(f"{coordinate} has its sunset on {sunset.on}: remove it.")
        elif sunset.replacement is not None and sunset.replacement not in parts:
            problems.append(f"{coordinate} has the replacement {sunset.replacement}, which does not exist.")
    return problems


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
