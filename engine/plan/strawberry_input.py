"""Converts coerced arguments to Strawberry's input values, by functions built once for each type.

Other types are left to Strawberry's `convert_argument`, which inspects the type for every value.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING
from functools import lru_cache
from inspect import Parameter, signature
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
from strawberry.types.field import StrawberryField
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
    compiled: Convert | None = None

    def converted(value: Any, info: Any) -> object:
        nonlocal compiled
        if value is None or value is UNSET:
            return value
        if compiled is None:
            # On first use: the type may contain itself.
            compiled = _compile(class_, schema)
        return compiled(value, info)

    return converted


def _compile(class_: type, schema: Schema) -> Convert:
    """Generate a function that calls the class with the values of all fields, absent ones with their defaults."""
    definition = get_object_definition(class_, strict=True)
    parameters = signature(class_).parameters
    namespace: dict[str, object] = {"class_": class_}
    arguments: list[str] = []
    for index, field in enumerate(definition.fields):
        default = _default_of(field, parameters)
        if default is Parameter.empty:
            return _strawberry(class_, schema)
        convert = build_converter(field.resolve_type(type_definition=definition), schema)
        namespace |= {f"default_{index}": default, f"convert_{index}": convert}
        name = schema.config.name_converter.from_field(field)
        given = f"value[{name!r}]" if convert is None else f"convert_{index}(value[{name!r}], info)"
        arguments.append(f"{field.python_name}={given} if {name!r} in value else default_{index}")
    source = f"lambda value, info: class_({', '.join(arguments)})"
    converted: Convert = eval(source, namespace)  # noqa: S307  # names of a schema
    return converted


def _default_of(field: StrawberryField, parameters: Mapping[str, Parameter]) -> object:
    """The value of an omitted field; `Parameter.empty` if it is unknown."""
    if field.python_name not in parameters:
        return Parameter.empty
    if field.default_value is MISSING and field.default_factory is MISSING:
        # It is nullable, or there is always a value.
        return None
    return parameters[field.python_name].default


def _strawberry(type_: Any, schema: Schema) -> Convert:
    def converted(value: Any, info: Any) -> object:
        return convert_argument(value, type_, schema.schema_converter.scalar_registry, schema.config, info)

    return converted
