"""Coercion of input values by functions made once for each type.

They take what clients send as a rule, and give what graphql-core's `coerce_input_value` gives for it. Anything else
(a wrong value, a single value for a list, a number that would have to be converted) raises Uncommon, and goes to
graphql-core, which knows the errors too.
"""

from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLString,
    Undefined,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from graphql.utilities.coerce_input_value import coerce_default_value

Coerce: TypeAlias = Callable[[Any], Any]


class Uncommon(Exception):
    """The value is for graphql-core to coerce, or to refuse."""


@lru_cache(maxsize=1_000)
def coercer(type_: Any) -> Coerce:
    """The function for a type. It raises Uncommon."""
    if is_non_null_type(type_):
        return _without_null(coercer(type_.of_type))
    if is_list_type(type_):
        return _of_list(coercer(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        return _InputObject(type_)
    if isinstance(type_, GraphQLEnumType):
        return _of_enum(type_)
    return _LEAVES.get(type_) or _of_scalar(type_)


def _without_null(coerce: Coerce) -> Coerce:
    def coerced(value: Any) -> Any:
        if value is None:
            raise Uncommon
        return coerce(value)

    return coerced


def _of_list(coerce: Coerce) -> Coerce:
    def coerced(value: Any) -> Any:
        if value.__class__ is list:
            return [coerce(item) for item in value]
        if value is None:
            return None
        raise Uncommon

    return coerced


class _InputObject:
    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_
        self._out_type = type_.out_type
        self._is_plain = not type_.is_one_of
        self._fields: list[tuple[str, str, Coerce | None, GraphQLInputField]] | None = None

    def __call__(self, value: Any) -> Any:
        if value is None:
            return None
        if value.__class__ is not dict or not self._is_plain:
            raise Uncommon
        found: dict[str, Any] = {}
        given = 0
        for name, out_name, coerce, field in self._coercers():
            if name in value:
                given += 1
                found[out_name] = coerce(value[name])
            elif is_required_input_field(field):
                raise Uncommon
            else:
                default = coerce_default_value(field)
                if default is not Undefined:
                    found[out_name] = default
        if given != len(value):
            raise Uncommon
        return self._out_type(found)

    def _coercers(self) -> list[tuple[str, str, Any, GraphQLInputField]]:
        """Made when they are needed: the type may be one of its own fields'."""
        if self._fields is None:
            self._fields = [
                (name, field.out_name or name, coercer(field.type), field) for name, field in self._type.fields.items()
            ]
        return self._fields


def _of_enum(type_: GraphQLEnumType) -> Coerce:
    members = {name: type_.coerce_input_value(name) for name in type_.values}
    return _of_class(str, lambda value: members[value])


def _of_scalar(type_: Any) -> Coerce:
    def coerced(value: Any) -> Any:
        if value is None:
            return None
        found = type_.coerce_input_value(value)
        if found is Undefined:
            raise Uncommon
        return found

    return coerced


def _of_class(class_: type, coerce: Coerce) -> Coerce:
    def coerced(value: Any) -> Any:
        if value.__class__ is class_:
            return coerce(value)
        if value is None:
            return None
        raise Uncommon

    return coerced


def _text(value: Any) -> Any:
    if value.__class__ is str or value is None:
        return value
    raise Uncommon


def _integer(value: int) -> int:
    if -2_147_483_648 <= value <= 2_147_483_647:
        return value
    raise Uncommon


def _float(value: float) -> float:
    if isfinite(value):
        return value
    raise Uncommon


_LEAVES: dict[Any, Coerce] = {
    GraphQLString: _text,
    GraphQLID: _text,
    GraphQLInt: _of_class(int, _integer),
    GraphQLFloat: _of_class(float, _float),
    GraphQLBoolean: _of_class(bool, lambda value: value),
}
