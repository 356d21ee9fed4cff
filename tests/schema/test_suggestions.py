"""Errors suggest no names of the schema to clients without introspection."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    get_named_type,
    is_interface_type,
    is_leaf_type,
    is_object_type,
)

from engine.request.request_errors import RequestError
from engine.request.suggestions import LexicalDistance
from schema import schema
from server.graphql.operations import build_operations
from tests.clients import Client, client_of, settings_of
from tests.executions import EXECUTIONS, executed_by

SUGGESTION = "Did you mean"
SCHEMA = schema._schema
OPERATIONS = build_operations(settings_of("postgresql://none", None))


class Mistake(NamedTuple):
    """A request with one misspelt name of the schema. `kind`: the kind of the name."""

    kind: str
    text: str
    variables: dict[str, Any] = {}  # noqa: RUF012  # it is never changed
    operation: str | None = None


def misspelt(name: str) -> str:
    return name + "q"


def mistakes() -> Iterator[Mistake]:
    for name, type_ in SCHEMA.type_map.items():
        if name.startswith("__"):
            continue
        yield Mistake("type of a fragment", f"{{ ...F }} fragment F on {misspelt(name)} {{ __typename }}")
        yield Mistake("type of a variable", f"query ($v: {misspelt(name)}) {{ __typename }}")
        if is_object_type(type_) or is_interface_type(type_):
            for field_name, field in type_.fields.items():
                yield Mistake(
                    "selection", f"{{ ...F }} fragment F on {name} {{ {selected_wrongly(field_name, field)} }}"
                )
                yield Mistake("field", f"{{ ...F }} fragment F on {name} {{ {misspelt(field_name)} }}")
                for argument in field.args:
                    yield Mistake("argument", fragment(name, field_name, f"{misspelt(argument)}: 1"))
        if is_object_type(type_) and type_ in (SCHEMA.query_type, SCHEMA.mutation_type, SCHEMA.subscription_type):
            for field_name, field in type_.fields.items():
                for argument, definition in field.args.items():
                    yield from mistakes_in_values(type_.name.lower(), field_name, argument, definition)
    for directive in SCHEMA.directives:
        yield Mistake("directive", f"{{ __typename @{misspelt(directive.name)} }}")
        for argument in directive.args:
            yield Mistake("argument of a directive", f"{{ __typename @{directive.name}({misspelt(argument)}: true) }}")
    yield Mistake("operation", "query Books { __typename } query Book { __typename }", operation="Bookz")


def selected_wrongly(name: str, field: GraphQLField) -> str:
    return f"{name} {{ __typename }}" if is_leaf_type(get_named_type(field.type)) else name


def mistakes_in_values(operation: str, field: str, name: str, argument: GraphQLArgument) -> Iterator[Mistake]:
    """Mistakes in values of arguments, as literals and as variables."""
    declared = f"{operation} ($v: {argument.type}) {{ {field}({name}: $v) {{ __typename }} }}"
    for kind, value in wrong_values(argument):
        yield Mistake(f"{kind} in a literal", f"{operation} {{ {field}({name}: {literal(value)}) {{ __typename }} }}")
        yield Mistake(f"{kind} in a variable", declared, {"v": value})


class Name(str):
    """The name of an enum value, which is written without quotation marks."""


def wrong_values(place: GraphQLArgument | GraphQLInputField, depth: int = 3) -> Iterator[tuple[str, Any]]:
    type_ = get_named_type(place.type)
    is_list = "[" in str(place.type)
    for kind, value in wrong_values_of(type_, depth):
        yield kind, [value] if is_list else value


def wrong_values_of(type_: Any, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(type_, GraphQLEnumType):
        yield "value of an enum", Name(misspelt(next(iter(type_.values))))
    if isinstance(type_, GraphQLInputObjectType) and depth:
        for name, field in type_.fields.items():
            yield "field of an input", {misspelt(name): None}
            for kind, value in wrong_values(field, depth - 1):
                yield kind, {name: value}


def literal(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return "null" if value is None else str(value)


def fragment(type_name: str, field: str, arguments: str) -> str:
    return f"{{ ...F }} fragment F on {type_name} {{ {field}({arguments}) }}"


def messages(mistake: Mistake, *, introspection: bool) -> str:
    with pytest.raises(RequestError) as raised:
        OPERATIONS.prepare(
            mistake.text,
            mistake.operation,
            mistake.variables,
            introspection=introspection,
            read_only=False,
            streams=True,
        )
    return "\n".join(error.message for error in raised.value.errors)


def test_errors_suggest_no_names_without_introspection() -> None:
    found = list(mistakes())
    assert [mistake for mistake in found if SUGGESTION in messages(mistake, introspection=False)] == []
    # With introspection, names are suggested; otherwise the test above would prove nothing.
    suggesting: set[str] = set()
    for mistake in found:
        if mistake.kind not in suggesting and SUGGESTION in messages(mistake, introspection=True):
            suggesting.add(mistake.kind)
    assert suggesting == {mistake.kind for mistake in found} - {"directive", "operation"}


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_variable_errors_suggest_no_names_without_introspection(
    content_database_url: str, redis_url: str, execution: str
) -> None:
    query = "query ($levels: [JlptLevel!]) { books(first: 1, filter: {jlptLevels: $levels}) { nodes { id } } }"
    with executed_by(execution):
        async with client_of(content_database_url, redis_url, environment="production") as client:
            assert SUGGESTION not in await refusal(client, query, None)
            assert SUGGESTION not in await refusal(client, query, "demo")
            assert SUGGESTION in await refusal(client, query, "admin")


async def refusal(client: Client, query: str, user: str | None) -> str:
    answer = await client.run(query, {"levels": ["N6"]}, user=user)
    assert answer.error_codes == ["BAD_USER_INPUT"]
    return "\n".join(answer.messages)


# Its lower case is longer than itself, which breaks the suggestions of graphql-core.
LONGER = "İ"
FILTER = "query ($filter: BookFilter) { books(filter: $filter) { totalCount } }"


@pytest.mark.parametrize("introspection", [True, False])
@pytest.mark.parametrize(
    ("query", "filter", "code"),
    [
        (FILTER, {"jlptLevels": [LONGER]}, "BAD_USER_INPUT"),
        (FILTER, {"jlptLevels": [{LONGER: 1}]}, "BAD_USER_INPUT"),
        (FILTER, {LONGER: 1}, "BAD_USER_INPUT"),
        (f'{{ books(filter: {{jlptLevels: ["{LONGER}"]}}) {{ totalCount }} }}', None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ books(filter: {jlptLevels: ["\\u0130"]}) { totalCount } }', None, "GRAPHQL_VALIDATION_FAILED"),
        (
            f'query ($levels: [JlptLevel!] = ["{LONGER}"]) {{ __typename }}',
            None,
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ],
)
async def test_name_with_longer_lower_case_is_rejected(
    content_database_url: str, introspection: bool, query: str, filter: Any, code: str
) -> None:
    async with client_of(content_database_url, None, introspection=introspection) as client:
        answer = await client.run(query, {} if filter is None else {"filter": filter})
    assert {*answer.error_codes} == {code}, answer.body


def test_graphql_core_still_fails_to_compare_such_names() -> None:
    """Once it is fixed, `engine/request/suggestions.py` is not needed."""
    original: Any = LexicalDistance.__base__
    with pytest.raises(IndexError):
        original(LONGER).measure("N5", 2)
    assert LexicalDistance(LONGER).measure("N5", 2) == 2
    for name, option in (("N6", "N5"), ("titel", "title"), ("TITLE", "title"), ("x", "unlike")):
        assert LexicalDistance(name).measure(option, 2) == original(name).measure(option, 2)
