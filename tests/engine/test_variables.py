"""Variables are coerced, and errors reported, as graphql-core does."""

import itertools
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from graphql.execution import VariableValues, get_variable_values

from engine.request.variables import MAX_ERRORS, Variables
from tests.engine import kitchen_sink_schema

SCHEMA = build_schema("""
    type Query { anything: String }
    enum Mood { CALM WILD }
    scalar Any
    input Meal { amount: Int! = 2, of: [String!] = ["hay"], mood: Mood, then: Meal, weight: Float }
    input Choice @oneOf { name: String, number: Int }
""")

NUMBERS: list[Any] = [0, 1, -1, 2**31 - 1, 2**31, 1.0, 1.5, "1", True, None, float("inf"), []]
TEXTS: list[Any] = ["", "日本", 1, -(2**70), 1.5, True, None, ["a"]]
MEALS: list[Any] = [
    {},
    {"amount": 1},
    {"amount": None},
    {"of": None},
    {"of": []},
    {"of": "hay"},
    {"of": [None]},
    {"mood": "WILD"},
    {"mood": "TAME"},
    {"transform": {"transform": {"amount": 3}}},
    {"transform": {"transform": {"amount": "3"}}},
    {"weight": 3},
    {"weight": 3.5},
    {"other": 1},
    [],
    "hay",
    None,
]
CHOICES: list[Any] = [{"name": "a"}, {"number": 1}, {"name": None}, {"name": "a", "number": 1}, {}]
CASES = [
    *((type_, value) for type_ in ("Int", "Int!", "Float", "Float!") for value in NUMBERS),
    *((type_, value) for type_ in ("String", "ID!", "Boolean", "Mood", "Any", "Any!") for value in TEXTS),
    *((type_, value) for type_ in ("[Int!]", "[[Int]]!") for value in ([], [1], [None], [[1, None]], 1, "a", None)),
    *((type_, value) for type_ in ("Meal", "Meal!") for value in MEALS),
    *(("[Meal!]!", [value]) for value in MEALS),
    *(("Choice", value) for value in CHOICES),
]


def operation(text: str) -> OperationDefinitionNode:
    (found,) = parse(text).definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


def outcome(found: Any) -> Any:
    """The result to compare."""
    if isinstance(found, VariableValues):
        return repr(found.coerced), [(name, repr(source.value)) for name, source in found.sources.items()]
    return [(error.message, error.locations) for error in found]


@pytest.mark.parametrize(("type_", "value"), CASES)
@pytest.mark.parametrize("default", ["", " = null"])
def test_value(type_: str, value: Any, default: str) -> None:
    node = operation(f"query($v: {type_}{'' if type_.endswith('!') else default}) {{ anything }}")
    for values in ({"v": value}, {}, {"v": value, "unknown": 1}):
        expected = get_variable_values(SCHEMA, node.variable_definitions or (), dict(values), MAX_ERRORS)
        assert outcome(Variables(SCHEMA, node).coerce(dict(values))) == outcome(expected)


def _every_type(leaf: str) -> Iterator[str]:
    """The named type in lists up to three deep, with every combination of nullability."""
    for depth in range(4):
        for marks in itertools.product(("", "!"), repeat=depth + 1):
            yield "[" * depth + leaf + "".join(f"{mark}]" for mark in marks[:-1]) + marks[-1]


def _random_value(random: Random, leaves: list[Any], depth: int) -> Any:
    """Often of the right depth, and sometimes not: a single value is coerced to a list."""
    if depth == 0 or random.random() < 0.1:
        return random.choice(leaves)
    if random.random() < 0.1:
        return None
    return [_random_value(random, leaves, depth - 1) for _ in range(random.randrange(3))]


@pytest.mark.parametrize(
    ("leaf", "leaves"),
    [
        *((leaf, NUMBERS) for leaf in ("Int", "Float")),
        *((leaf, TEXTS) for leaf in ("String", "ID", "Boolean", "Any")),
        ("Mood", ["CALM", "WILD", "TAME", 1, None]),
        ("Meal", MEALS),
        ("Choice", CHOICES),
    ],
)
def test_every_shape_of_type_equals_graphql_core(leaf: str, leaves: list[Any]) -> None:
    for seed, type_ in enumerate(_every_type(leaf)):
        random, node = Random(seed), operation(f"query($v: {type_}) {{ anything }}")
        variables = Variables(SCHEMA, node)
        for _ in range(10):
            value = {"v": _random_value(random, leaves, type_.count("["))}
            expected = get_variable_values(SCHEMA, node.variable_definitions or (), value, MAX_ERRORS)
            assert outcome(variables.coerce(value)) == outcome(expected), (type_, value)


@pytest.mark.parametrize("of", ["2026-01-31", "yesterday", 5, None])
def test_custom_scalar(of: Any) -> None:
    schema = kitchen_sink_schema.schema._schema
    node = operation("query($of: Date!) { day(of: $of) }")
    expected = get_variable_values(schema, node.variable_definitions or (), {"of": of}, MAX_ERRORS)
    assert outcome(Variables(schema, node).coerce({"of": of})) == outcome(expected)


def test_default_is_coerced_for_each_request() -> None:
    node = operation('query($v: [String!] = ["a"]) { anything }')
    first, second = (Variables(SCHEMA, node).coerce({}) for _ in range(2))
    assert isinstance(first, VariableValues)
    assert isinstance(second, VariableValues)
    assert first.coerced == {"v": ["a"]} == second.coerced
    assert first.coerced["v"] is not second.coerced["v"]
