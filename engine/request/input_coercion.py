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

MIN_INT, MAX_INT = -2_147_483_648, 2_147_483_647


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
        return _one_of if type_.is_one_of else _input_object(type_)
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


def _one_of(value: object) -> object:
    if value is None:
        return None
    raise FastPathMiss


def _input_object(type_: GraphQLInputObjectType) -> Coerce:
    compiled: Coerce | None = None

    def coerced(value: Any) -> object:
        nonlocal compiled
        if compiled is None:
            # On first use: the type may contain itself.
            compiled = _compile(type_)
        return compiled(value)

    return coerced


def _compile(type_: GraphQLInputObjectType) -> Coerce:
    """Generate a function with a line for each field. Its source contains no names but those of GraphQL."""
    namespace: dict[str, Any] = {"FastPathMiss": FastPathMiss, "coerce_default_value": coerce_default_value}
    lines = [
        "if value is None: return None",
        "if value.__class__ is not dict: raise FastPathMiss",
        "found = {}",
        "given = 0",
    ]
    for index, (name, field) in enumerate(type_.fields.items()):
        out_name = field.out_name or name
        lines += [
            f"if {name!r} in value:",
            f"    item = value[{name!r}]",
            f"    {_check(field.type, index, namespace)}",
            f"    found[{out_name!r}] = item",
            "    given += 1",
        ]
        if is_required_input_field(field):
            lines.append("else: raise FastPathMiss")
        elif (default := coerce_default_value(field)) is not Undefined:
            if default is None or isinstance(default, bool | int | float | str):
                namespace[f"default_{index}"] = default
                lines.append(f"else: found[{out_name!r}] = default_{index}")
            else:
                namespace[f"field_{index}"] = field
                # Once for each value, which a resolver may modify.
                lines.append(f"else: found[{out_name!r}] = coerce_default_value(field_{index})")
    lines.append("if given != len(value): raise FastPathMiss")
    namespace["out_type"] = type_.out_type
    lines.append("return out_type(found)")
    source = "\n    ".join(("def coerced(value):", *lines))
    exec(compile(source, "<input>", "exec"), namespace)  # noqa: S102  # names of a schema
    coerced: Coerce = namespace["coerced"]
    return coerced


# The conditions for values that are returned as they are.
_CONDITIONS: dict[Any, str] = {
    GraphQLString: "item.__class__ is str",
    GraphQLID: "item.__class__ is str",
    GraphQLInt: f"item.__class__ is int and {MIN_INT} <= item <= {MAX_INT}",
    GraphQLBoolean: "item is True or item is False",
}


def _check(type_: Any, index: int, namespace: dict[str, Any]) -> str:
    """The statement that coerces `item`."""
    condition = _CONDITIONS.get(type_.of_type if is_non_null_type(type_) else type_)
    if condition is None:
        namespace[f"coerce_{index}"] = build_coercer(type_)
        return f"item = coerce_{index}(item)"
    or_null = "" if is_non_null_type(type_) else "item is None or "
    return f"if not ({or_null}{condition}): raise FastPathMiss"


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


def _id(value: object) -> object:
    return str(value) if value.__class__ is int else _string(value)


def _integer(value: int) -> int:
    if MIN_INT <= value <= MAX_INT:
        return value
    raise FastPathMiss


def _float(value: float) -> float:
    if isfinite(value):
        return value
    raise FastPathMiss


_SCALAR_COERCERS: dict[Any, Coerce] = {
    GraphQLString: _string,
    GraphQLID: _id,
    GraphQLInt: _by_class(int, _integer),
    GraphQLFloat: _by_class(float, _float),
    GraphQLBoolean: _by_class(bool, lambda value: value),
}
