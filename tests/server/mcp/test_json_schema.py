"""JSON Schema of variables: an input that the schema accepts is one that GraphQL accepts."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from server.mcp.json_schema import UnsupportedVariable, build_variables_schema

SCHEMA = build_schema(
    """
    scalar DateTime
    scalar Anything
    scalar Upload
    enum Color { RED GREEN }
    input Filter { color: Color = RED, "Inside. Not shown." nested: Filter, limit: Int! = 3, name: String! }
    input Key @oneOf { id: ID, at: DateTime, weight: Float }
    type Query { a: Int }
    """
)
FILTER = {
    "type": "object",
    "properties": {
        "color": {"type": ["string", "null"], "enum": ["RED", "GREEN", None], "default": "RED"},
        "nested": {"anyOf": [{"$ref": "#/$defs/Filter"}, {"type": "null"}], "description": "Inside"},
        "limit": {"type": "integer", "default": 3},
        "name": {"type": "string"},
    },
    "required": ["name"],
    "additionalProperties": False,
}
KEY = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "weight": {"type": "number"},
    },
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}


def schema_of(variables: str) -> dict[str, Any]:
    [operation] = parse(f"query Q({variables}) {{ a }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return build_variables_schema(SCHEMA, operation.variable_definitions or ())


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        ("Int!", {"type": "integer"}),
        ("Float", {"type": ["number", "null"]}),
        ("Boolean! = false", {"type": "boolean", "default": False}),
        ("ID!", {"type": "string"}),
        ("String = null", {"type": ["string", "null"]}),
        ("DateTime!", {"type": "string", "format": "date-time"}),
        ("Anything", {}),
        ("Color!", {"type": "string", "enum": ["RED", "GREEN"]}),
        ("Color = GREEN", {"type": ["string", "null"], "enum": ["RED", "GREEN", None], "default": "GREEN"}),
        ("[Int!]!", {"type": "array", "items": {"type": "integer"}}),
        ("[[Color!]]", {"type": ["array", "null"], "items": {
            "type": ["array", "null"], "items": {"type": "string", "enum": ["RED", "GREEN"]}}}),
        ("Filter!", {"$ref": "#/$defs/Filter"}),
        ("[Filter!] = [{name: \"a\", color: RED}]", {"type": ["array", "null"], "items": {"$ref": "#/$defs/Filter"},
            "default": [{"name": "a", "color": "RED"}]}),
        ("Key", {"anyOf": [{"$ref": "#/$defs/Key"}, {"type": "null"}]}),
    ],
)  # fmt: skip
def test_variable_has_the_schema_of_its_type(type_: str, expected: dict[str, Any]) -> None:
    built = schema_of(f"$a: {type_}")
    assert built["properties"] == {"a": expected}
    assert built.get("required", []) == (["a"] if type_.endswith("!") else [])
    assert built["additionalProperties"] is False
    used = {name: value for name, value in (("Filter", FILTER), ("Key", KEY)) if name in type_}
    assert built.get("$defs", {}) == used


def test_variable_keeps_its_description() -> None:
    assert schema_of('"How many." $a: Int!')["properties"]["a"]["description"] == "How many."


def test_operation_without_variables_takes_an_empty_object() -> None:
    assert build_variables_schema(SCHEMA, ()) == {"type": "object", "additionalProperties": False}


def test_file_is_not_supported() -> None:
    with pytest.raises(UnsupportedVariable, match="Upload"):
        schema_of("$a: [Upload!]")
