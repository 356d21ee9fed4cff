"""Finds the schema coordinates of errors of variables."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLSchema,
    VariableDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
    validate_input_value,
)
from graphql.execution.get_variable_signature import get_variable_signature

from engine.coordinates import with_coordinate


class _Enough(Exception):
    """The paths of all errors are known."""


def locate_in_variables(
    schema: GraphQLSchema,
    definitions: Collection[VariableDefinitionNode],
    values: Mapping[str, object],
    errors: Sequence[GraphQLError],
) -> None:
    """Give graphql-core's errors of variables the coordinates of input fields, or the names of the variables' types."""
    by_definition: dict[int, list[GraphQLError]] = {}
    for error in errors:
        if error.nodes:
            by_definition.setdefault(id(error.nodes[0]), []).append(error)
    for definition in definitions:
        located = by_definition.get(id(definition))
        signature = get_variable_signature(schema, definition)
        if located is None or isinstance(signature, GraphQLError):
            continue
        name = signature.name
        paths = _invalid_paths(values[name], signature.type, len(located)) if name in values else []
        for index, error in enumerate(located):
            path = paths[index] if index < len(paths) else ()
            with_coordinate(error, _input_coordinate(signature.type, path))


def _invalid_paths(value: object, type_: GraphQLInputType, number: int) -> list[Sequence[str | int]]:
    """The paths into the value of its first errors, in the order in which graphql-core reports them."""
    found: list[Sequence[str | int]] = []

    def on_error(_error: GraphQLError, path: list[str | int]) -> None:
        found.append(path)
        if len(found) == number:
            raise _Enough

    with suppress(_Enough, RecursionError):
        validate_input_value(value, type_, on_error)
    return found[:number]


def _input_coordinate(type_: GraphQLInputType, path: Iterable[str | int]) -> str:
    """The coordinate of the last input field on the path into a value of the type, or the name of its type."""
    found, at = None, type_
    for key in path:
        nullable: Any = get_nullable_type(at)
        while isinstance(key, str) and is_list_type(nullable):
            # A single value is coerced to a list.
            nullable = get_nullable_type(nullable.of_type)
        if isinstance(nullable, GraphQLInputObjectType) and key in nullable.fields:
            found, at = f"{nullable.name}.{key}", nullable.fields[str(key)].type
        elif is_list_type(nullable):
            at = nullable.of_type
    return found or get_named_type(type_).name
