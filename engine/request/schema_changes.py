"""Changes between two versions of a schema, and the parts whose users they break."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from graphql import (
    BreakingChangeType,
    DangerousChange,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    SafeChange,
    find_schema_changes,
    is_non_null_type,
    is_required_argument,
)
from graphql.language import DirectiveLocation

from engine.request.deprecation import schema_parts

# graphql-core describes changes in sentences that begin with the coordinate, of parts of types after what they are.
_COORDINATE = re.compile(
    r"(?:Field|Argument|Directive|Enum value|An? (?:required|optional) (?:argument|field)) (@\S+|\w+[.(]\S*)"
    r"|(?:Standard scalar )?(@?\S+)"
)
# What a directive no longer has: a location, or that it is repeatable.
_OF_DIRECTIVE = re.compile(r"(?:[A-Z_]+|Repeatable flag) was removed from (@\w+)")
_EXECUTABLE = {
    DirectiveLocation.QUERY,
    DirectiveLocation.MUTATION,
    DirectiveLocation.SUBSCRIPTION,
    DirectiveLocation.FIELD,
    DirectiveLocation.FRAGMENT_DEFINITION,
    DirectiveLocation.FRAGMENT_SPREAD,
    DirectiveLocation.INLINE_FRAGMENT,
    DirectiveLocation.VARIABLE_DEFINITION,
}
_OF_INTERFACE = re.compile(r"no longer implements interface (\w+)")


class Severity(StrEnum):
    """BREAKING: valid documents become invalid, or get values that their clients do not expect. DANGEROUS: clients may
    not expect the new values.
    """

    BREAKING = "breaking"
    DANGEROUS = "dangerous"


class SchemaChange(NamedTuple):
    """`kind`: graphql-core's. `affected`: coordinates in the old schema; a client that uses none is not affected."""

    severity: Severity
    kind: str
    coordinate: str
    message: str
    affected: tuple[str, ...]


def find_changes(old: GraphQLSchema, new: GraphQLSchema) -> list[SchemaChange]:
    """Breaking and dangerous changes, breaking ones first. Changes of directives that documents cannot use are none."""
    found: list[SchemaChange] = []
    for change in find_schema_changes(old, new):
        matched = _COORDINATE.match(change.description)
        if isinstance(change, SafeChange) or matched is None:
            continue
        directive = _OF_DIRECTIVE.match(change.description)
        coordinate = (matched[1] or matched[2]).removesuffix(".") if directive is None else directive[1]
        if coordinate.startswith("@") and not _is_executable(old, coordinate):
            continue
        severity = Severity.DANGEROUS if isinstance(change, DangerousChange) else Severity.BREAKING
        affected = tuple(dict.fromkeys(_affected(old, new, change.type.name, coordinate, change.description)))
        found.append(SchemaChange(severity, change.type.name, coordinate, change.description, affected))
    return sorted(found, key=lambda change: change.severity)


def _affected(old: GraphQLSchema, new: GraphQLSchema, kind: str, coordinate: str, description: str) -> Iterator[str]:
    yield coordinate
    if coordinate.startswith("@"):
        if _is_required_argument(new, coordinate):
            # Required now, so that the directive without it is invalid.
            yield coordinate.partition("(")[0]
        return
    type_name, _, rest = coordinate.partition(".")
    type_ = old.get_type(type_name)
    field_name = rest.partition("(")[0]
    if kind == BreakingChangeType.REQUIRED_ARG_ADDED.name:
        yield f"{type_name}.{field_name}"
    elif kind == BreakingChangeType.ARG_CHANGED_KIND.name:
        if _is_required(new, coordinate):
            # Required now, so that a field without it is invalid.
            yield f"{type_name}.{field_name}"
    elif kind in (BreakingChangeType.TYPE_REMOVED.name, BreakingChangeType.TYPE_CHANGED_KIND.name):
        yield from _parts_of(old, type_name)
    elif isinstance(type_, GraphQLInputObjectType) and _is_required(new, coordinate):
        # One that does not give the field may be invalid now.
        yield type_name
        yield from _parts_of(old, type_name)
    if (interface := _OF_INTERFACE.search(description)) is not None:
        yield interface[1]


def _is_required(schema: GraphQLSchema, coordinate: str) -> bool:
    part = dict(schema_parts(schema)).get(coordinate)
    return isinstance(part, GraphQLArgument | GraphQLInputField) and is_non_null_type(part.type)


def _is_required_argument(schema: GraphQLSchema, coordinate: str) -> bool:
    """`coordinate`: of a directive, or of its argument."""
    name, _, argument = coordinate.removesuffix(":)").partition("(")
    directive = schema.get_directive(name.removeprefix("@"))
    found = None if directive is None else directive.args.get(argument)
    return found is not None and is_required_argument(found)


def _parts_of(schema: GraphQLSchema, type_name: str) -> Iterator[str]:
    type_ = schema.get_type(type_name)
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield from (f"{type_name}.{name}" for name in type_.fields)
    elif isinstance(type_, GraphQLEnumType):
        yield from (f"{type_name}.{name}" for name in type_.values)


def _is_executable(schema: GraphQLSchema, coordinate: str) -> bool:
    directive = schema.get_directive(coordinate.removeprefix("@").partition("(")[0])
    return directive is not None and not _EXECUTABLE.isdisjoint(directive.locations)
