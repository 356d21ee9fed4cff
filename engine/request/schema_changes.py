"""Changes between two versions of a schema, and the parts whose users they break."""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from graphql import (
    BreakingChangeType,
    DangerousChange,
    DangerousChangeType,
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    SafeChange,
    find_schema_changes,
    get_named_type,
    is_required_argument,
    is_required_input_field,
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
# Of graphql-core, also for input fields and arguments of directives.
_OF_DEFAULTS = (
    DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
    DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE,
)
_OF_ARGUMENTS = (BreakingChangeType.ARG_CHANGED_KIND.name, DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE.name)
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
        if change.type in _OF_DEFAULTS and _is_required(new, coordinate):
            # Without its default value it has to be given.
            severity = Severity.BREAKING
        affected = tuple(dict.fromkeys(_affected(old, new, change.type.name, coordinate, change.description)))
        found.append(SchemaChange(severity, change.type.name, coordinate, change.description, affected))
    found += _find_one_of(old, new)
    return sorted(found, key=lambda change: change.severity)


def _find_one_of(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[SchemaChange]:
    """Input types that have become one-of, which graphql-core does not compare."""
    for name, type_ in old.type_map.items():
        other = new.get_type(name)
        if (
            isinstance(type_, GraphQLInputObjectType)
            and isinstance(other, GraphQLInputObjectType)
            and other.is_one_of
            and not type_.is_one_of
        ):
            message = f"{name} requires exactly one of its fields."
            yield SchemaChange(Severity.BREAKING, "ONE_OF_ADDED", name, message, tuple(_users_of_input(old, name)))


def _affected(old: GraphQLSchema, new: GraphQLSchema, kind: str, coordinate: str, description: str) -> Iterator[str]:
    yield coordinate
    if coordinate.startswith("@"):
        if _is_required(new, coordinate):
            # Required now, so that the directive without it is invalid.
            yield coordinate.partition("(")[0]
        return
    type_name, _, rest = coordinate.partition(".")
    type_ = old.get_type(type_name)
    field_name = rest.partition("(")[0]
    if kind == BreakingChangeType.REQUIRED_ARG_ADDED.name:
        yield f"{type_name}.{field_name}"
    elif kind in _OF_ARGUMENTS and "(" in coordinate:
        if _is_required(new, coordinate):
            # Required now, so that a field without it is invalid.
            yield f"{type_name}.{field_name}"
    elif kind in (BreakingChangeType.TYPE_REMOVED.name, BreakingChangeType.TYPE_CHANGED_KIND.name):
        yield from _parts_of(old, type_name)
    elif isinstance(type_, GraphQLInputObjectType) and _is_required(new, coordinate):
        # One that does not give the field may be invalid now.
        yield from _users_of_input(old, type_name)
    if (interface := _OF_INTERFACE.search(description)) is not None:
        yield interface[1]


def _is_required(schema: GraphQLSchema, coordinate: str) -> bool:
    if coordinate.startswith("@"):
        name, _, argument = coordinate.removesuffix(":)").partition("(")
        directive = schema.get_directive(name.removeprefix("@"))
        found = None if directive is None else directive.args.get(argument)
        return found is not None and is_required_argument(found)
    part = dict(schema_parts(schema)).get(coordinate)
    if isinstance(part, GraphQLArgument):
        return is_required_argument(part)
    return isinstance(part, GraphQLInputField) and is_required_input_field(part)


def _users_of_input(schema: GraphQLSchema, type_name: str) -> Iterator[str]:
    """The type of variables, its fields, and all that take it: a literal without fields uses neither."""
    yield type_name
    yield from _parts_of(schema, type_name)
    for coordinate, part in schema_parts(schema):
        if isinstance(part, GraphQLArgument | GraphQLInputField) and get_named_type(part.type).name == type_name:
            yield coordinate


def _parts_of(schema: GraphQLSchema, type_name: str) -> Iterator[str]:
    type_ = schema.get_type(type_name)
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        yield from (f"{type_name}.{name}" for name in type_.fields)
    elif isinstance(type_, GraphQLEnumType):
        yield from (f"{type_name}.{name}" for name in type_.values)


def _is_executable(schema: GraphQLSchema, coordinate: str) -> bool:
    directive = schema.get_directive(coordinate.removeprefix("@").partition("(")[0])
    return directive is not None and not _EXECUTABLE.isdisjoint(directive.locations)
