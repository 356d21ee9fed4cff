"""Input fields and enum values in the values of variables, found by functions built once for each type."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from sys import intern
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    is_list_type,
    is_non_null_type,
    type_from_ast,
)

# Adds the coordinates of a valid value. A dictionary keeps their order.
_Find: TypeAlias = Callable[[Any, dict[str, None]], None]


class UsedInputs:
    """Finds the coordinates in the variables of one operation."""

    __slots__ = ("_finders",)

    def __init__(self, schema: GraphQLSchema, operation: OperationDefinitionNode) -> None:
        self._finders: list[tuple[str, _Find]] = []
        for definition in operation.variable_definitions or ():
            find = _finder(type_from_ast(schema, definition.type))
            if find is not None:
                self._finders.append((definition.variable.name.value, find))

    def find(self, variables: dict[str, object]) -> Sequence[str]:
        """Each coordinate once. `variables`: valid ones, as the client sent them."""
        if not self._finders or not variables:
            return ()
        found: dict[str, None] = {}
        for name, find in self._finders:
            value = variables.get(name)
            if value is not None:
                find(value, found)
        return tuple(found)


@lru_cache(maxsize=1_000)
def _finder(type_: Any) -> _Find | None:
    """None for scalars, whose values have no coordinates."""
    while is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_):
        inner = _finder(type_.of_type)
        return None if inner is None else _list(inner)
    if isinstance(type_, GraphQLInputObjectType):
        return _input_object(type_)
    return _enum(type_) if isinstance(type_, GraphQLEnumType) else None


def _list(find: _Find) -> _Find:
    def find_in_list(value: Any, found: dict[str, None]) -> None:
        # A single value is coerced to a list.
        for item in value if value.__class__ is list else (value,):
            if item is not None:
                find(item, found)

    return find_in_list


def _input_object(type_: GraphQLInputObjectType) -> _Find:
    fields: dict[str, tuple[str, _Find | None]] = {}

    def find_in_object(value: Any, found: dict[str, None]) -> None:
        if not fields:
            # On first use: the type may contain itself.
            fields.update((name, (intern(f"{type_}.{name}"), _finder(one.type))) for name, one in type_.fields.items())
        for name, item in value.items():
            coordinate, find = fields[name]
            found[coordinate] = None
            if find is not None and item is not None:
                find(item, found)

    return find_in_object


def _enum(type_: GraphQLEnumType) -> _Find:
    coordinates = {name: intern(f"{type_}.{name}") for name in type_.values}

    def find_value(value: Any, found: dict[str, None]) -> None:
        found[coordinates[value]] = None

    return find_value
