"""JSON Schema (2020-12) of the variables of an operation."""

from collections.abc import Iterable
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    NullValueNode,
    ValueNode,
    VariableDefinitionNode,
    is_input_type,
    is_required_input_field,
    type_from_ast,
    value_from_ast_untyped,
)
from graphql.utilities.get_default_value_ast import get_default_value_ast

JsonSchema: TypeAlias = dict[str, Any]

# Other scalars accept any value.
_SCALARS: dict[str, JsonSchema] = {
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": {"type": "string", "format": "date-time"},
    "Float": {"type": "number"},
    "ID": {"type": "string"},
    "Int": {"type": "integer"},
    "String": {"type": "string"},
}
_NULL: JsonSchema = {"type": "null"}


class UnsupportedVariable(Exception):
    """No JSON value is valid for a variable."""


def build_variables_schema(schema: GraphQLSchema, variables: Iterable[VariableDefinitionNode]) -> JsonSchema:
    """The schema of an object with the variables. Input objects are in `$defs`, because they may be recursive.

    Raises UnsupportedVariable for a file, which is part of a multipart request.
    """
    builder = _Builder()
    properties: dict[str, JsonSchema] = {}
    required: list[str] = []
    for variable in variables:
        name, type_ = variable.variable.name.value, type_from_ast(schema, variable.type)
        assert is_input_type(type_), "the document is valid"
        found = builder.schema_of(type_)
        description = None if variable.description is None else variable.description.value
        properties[name] = _annotate(found, description, variable.default_value)
        if isinstance(type_, GraphQLNonNull) and variable.default_value is None:
            required.append(name)
    built = _object_schema(properties, required)
    return built | {"$defs": builder.definitions} if builder.definitions else built


class _Builder:
    def __init__(self) -> None:
        self.definitions: dict[str, JsonSchema] = {}

    def schema_of(self, type_: GraphQLInputType) -> JsonSchema:
        if isinstance(type_, GraphQLNonNull):
            return self._schema_of_values(type_.of_type)
        return _or_null(self._schema_of_values(type_))

    def _schema_of_values(self, type_: GraphQLInputType) -> JsonSchema:
        """Of values that are not null."""
        if isinstance(type_, GraphQLList):
            return {"type": "array", "items": self.schema_of(type_.of_type)}
        if isinstance(type_, GraphQLEnumType):
            return {"type": "string", "enum": [*type_.values]}
        if isinstance(type_, GraphQLInputObjectType):
            if type_.name not in self.definitions:
                # Before its fields, which may have the same type.
                self.definitions[type_.name] = {}
                self.definitions[type_.name].update(self._schema_of_object(type_))
            return {"$ref": f"#/$defs/{type_.name}"}
        assert not isinstance(type_, GraphQLNonNull)
        if type_.name == "Upload":
            raise UnsupportedVariable("A tool has no variables of the type Upload.")
        return {**_SCALARS.get(type_.name, {})}

    def _schema_of_object(self, type_: GraphQLInputObjectType) -> JsonSchema:
        properties: dict[str, JsonSchema] = {}
        required: list[str] = []
        for name, field in type_.fields.items():
            # The only field of a one-of object is not null.
            found = self._schema_of_values(field.type) if type_.is_one_of else self.schema_of(field.type)
            properties[name] = _annotate(found, _first_sentence(field.description), get_default_value_ast(field))
            if is_required_input_field(field):
                required.append(name)
        built = _object_schema(properties, required)
        return built | {"minProperties": 1, "maxProperties": 1} if type_.is_one_of else built


def _object_schema(properties: dict[str, JsonSchema], required: list[str]) -> JsonSchema:
    built: JsonSchema = {"type": "object"}
    if properties:
        built["properties"] = properties
    if required:
        built["required"] = required
    return built | {"additionalProperties": False}


def _or_null(schema: JsonSchema) -> JsonSchema:
    if "type" not in schema:
        return {"anyOf": [schema, _NULL]} if schema else schema
    nullable = schema | {"type": [schema["type"], "null"]}
    return nullable | {"enum": [*schema["enum"], None]} if "enum" in schema else nullable


def _annotate(schema: JsonSchema, description: str | None, default: ValueNode | None) -> JsonSchema:
    if description:
        schema = schema | {"description": description}
    if default is None or isinstance(default, NullValueNode):
        return schema
    # Enum values are names in JSON, too.
    return schema | {"default": value_from_ast_untyped(default)}


def _first_sentence(description: str | None) -> str | None:
    """Agents pay for each word."""
    return None if description is None else description.partition("\n")[0].partition(". ")[0]
