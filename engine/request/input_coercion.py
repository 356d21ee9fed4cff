"""Coerces input values by functions built once for each type.

This is the fast path for what clients usually send; the result is that of graphql-core's `coerce_input_value`. For
anything else (an invalid value, a single value for a list, a number to be converted) it raises FastPathMiss, and
graphql-core coerces the value or reports the error.
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

Coerce: TypeAlias = Callable[[Any], object]


class FastPathMiss(Exception):
    """graphql-core has to coerce the value."""


@lru_cache(maxsize=1_000)
def build_coercer(type_: Any) -> Coerce:
    """The coercion function of a type, which raises FastPathMiss."""
    if is_non_null_type(type_):
        return _non_null(build_coercer(type_.of_type))
    if is_list_type(type_):
        return _list(build_coercer(type_.of_type))
    if isinstance(type_, GraphQLInputObjectType):
        return _InputObject(type_)
    if isinstance(type_, GraphQLEnumType):
        return _enum(type_)
    return _SCALAR_COERCERS.get(type_) or _scalar(type_)


def _non_null(coerce: Coerce) -> Coerce:
    def coerced(value: object) -> object:
        if value is None:
            raise FastPathMiss
        return coerce(value)

    return coerced


def _list(coerce: Coerce) -> Coerce:
    def coerced(value: Any) -> object:
        if value.__class__ is list:
            return [coerce(item) for item in value]
        if value is None:
            return None
        raise FastPathMiss

    return coerced


class _InputObject:
    def __init__(self, type_: GraphQLInputObjectType) -> None:
        self._type = type_
        self._out_type = type_.out_type
        self._is_plain = not type_.is_one_of
        self._fields: list[tuple[str, str, Coerce, bool, GraphQLInputField | None]] | None = None

    def __call__(self, value: Any) -> object:
        if value is None:
            return None
        if value.__class__ is not dict or not self._is_plain:
            raise FastPathMiss
        found: dict[str, object] = {}
        given = 0
        for name, out_name, coerce, is_required, with_default in self._fields or self._planned():
            if name in value:
                given += 1
                found[out_name] = coerce(value[name])
            elif is_required:
                raise FastPathMiss
            elif with_default is not None:
                found[out_name] = coerce_default_value(with_default)
        if given != len(value):
            raise FastPathMiss
        return self._out_type(found)

    def _planned(self) -> list[tuple[str, str, Coerce, bool, GraphQLInputField | None]]:
        """Built on first use: the type may contain itself."""
        self._fields = [
            (
                name,
                field.out_name or name,
                build_coercer(field.type),
                is_required_input_field(field),
                None if coerce_default_value(field) is Undefined else field,
            )
            for name, field in self._type.fields.items()
        ]
        return self._fields


def _enum(type_: GraphQLEnumType) -> Coerce:
    members = {name: type_.coerce_input_value(name) for name in type_.values}
    return _by_class(str, lambda value: members[value])


def _scalar(type_: Any) -> Coerce:
    def coerced(value: object) -> object:
        if value is None:
            return None
        found = type_.coerce_input_value(value)
        if found is Undefined:
            raise FastPathMiss
        return found

    return coerced


def _by_class(class_: type, coerce: Coerce) -> Coerce:
    def coerced(value: object) -> object:
        if value.__class__ is class_:
            return coerce(value)
        if value is None:
            return None
        raise FastPathMiss

    return coerced


def _string(value: object) -> object:
    if value.__class__ is str or value is None:
        return value
    raise FastPathMiss


def _integer(value: int) -> int:
    if -2_147_483_648 <= value <= 2_147_483_647:
        return value
    raise FastPathMiss


def _float(value: float) -> float:
    if isfinite(value):
        return value
    raise FastPathMiss


_SCALAR_COERCERS: dict[Any, Coerce] = {
    GraphQLString: _string,
    GraphQLID: _string,
    GraphQLInt: _by_class(int, _integer),
    GraphQLFloat: _by_class(float, _float),
    GraphQLBoolean: _by_class(bool, lambda value: value),
}
