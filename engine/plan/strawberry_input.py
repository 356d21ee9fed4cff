"""Converts coerced arguments to Strawberry's input values, by functions built once for each type.

Other types are left to Strawberry's `convert_argument`, which inspects the type for every value.
"""

from collections.abc import Callable
from dataclasses import MISSING
from functools import lru_cache
from typing import Any, TypeAlias

from strawberry import Schema
from strawberry.relay.types import GlobalID
from strawberry.scalars import is_scalar
from strawberry.types.arguments import convert_argument
from strawberry.types.base import (
    StrawberryList,
    StrawberryMaybe,
    StrawberryOptional,
    get_object_definition,
    has_object_definition,
)
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.lazy_type import LazyType
from strawberry.types.unset import UNSET

# Takes a value and the field's info.
Convert: TypeAlias = Callable[[Any, Any], object]


def build_converter(type_: Any, schema: Schema) -> Convert | None:
    """The converter for the type of an argument or input field. None if values are passed as they are."""
    if isinstance(type_, StrawberryMaybe):
        return _strawberry(type_, schema)
    if isinstance(type_, StrawberryOptional):
        return build_converter(type_.of_type, schema)
    if isinstance(type_, LazyType):
        return build_converter(type_.resolve_type(), schema)
    if type_ is not GlobalID and _is_leaf(type_, schema):
        return None
    if isinstance(type_, StrawberryList):
        return _list(type_, schema)
    if has_object_definition(type_) and type_.__strawberry_definition__.from_input is None:
        return _input_object(type_, schema)
    return _strawberry(type_, schema)


def _is_leaf(type_: object, schema: Schema) -> bool:
    return isinstance(type_, StrawberryEnumDefinition) or is_scalar(type_, schema.schema_converter.scalar_registry)


def _list(type_: StrawberryList, schema: Schema) -> Convert:
    convert = build_converter(type_.of_type, schema)

    def converted(value: Any, info: Any) -> object:
        if value is None or value is UNSET:
            return value
        # A copy for each call: graphql-core returns the same default value to all.
        return list(value) if convert is None else [convert(item, info) for item in value]

    return converted


@lru_cache(maxsize=1_000)
def _input_object(class_: type, schema: Schema) -> Convert:
    return _InputObject(class_, schema)


class _InputObject:
    def __init__(self, class_: type, schema: Schema) -> None:
        self._class = class_
        self._schema = schema
        self._fields: list[tuple[str, str, Convert | None]] | None = None
        self._absent: dict[str, object] = {}

    def __call__(self, value: Any, info: Any) -> object:
        if value is None or value is UNSET:
            return value
        fields = self._fields or self._planned()
        found = self._absent.copy()
        for name, python_name, convert in fields:
            if name in value:
                given = value[name]
                found[python_name] = given if convert is None else convert(given, info)
        return self._class(**found)

    def _planned(self) -> list[tuple[str, str, Convert | None]]:
        """Built on first use: the type may contain itself."""
        definition = get_object_definition(self._class, strict=True)
        name_of = self._schema.config.name_converter.from_field
        if definition.is_input:
            # An omitted field without a default is nullable.
            self._absent = {
                field.python_name: None
                for field in definition.fields
                if field.default_value is MISSING and field.default_factory is MISSING
            }
        self._fields = [
            (
                name_of(field),
                field.python_name,
                build_converter(field.resolve_type(type_definition=definition), self._schema),
            )
            for field in definition.fields
        ]
        return self._fields


def _strawberry(type_: Any, schema: Schema) -> Convert:
    def converted(value: Any, info: Any) -> object:
        return convert_argument(value, type_, schema.schema_converter.scalar_registry, schema.config, info)

    return converted
