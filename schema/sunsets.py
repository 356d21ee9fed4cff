"""Reads `@sunset` of deprecated parts."""

from datetime import date

from graphql import GraphQLSchema

from engine.request.deprecation import SUNSET, Sunset, schema_parts
from schema.directives import SunsetDirective, directives_of


def declare_sunsets(schema: GraphQLSchema) -> None:
    """Add the dates of deprecated parts to the schema, for the engine. Raises ValueError for a malformed date."""
    for _, part in schema_parts(schema):
        for directive in directives_of(part):
            if isinstance(directive, SunsetDirective):
                replacement = directive.replacement or None
                part.extensions[SUNSET] = Sunset(
                    date.fromisoformat(directive.since), date.fromisoformat(directive.on), replacement
                )
