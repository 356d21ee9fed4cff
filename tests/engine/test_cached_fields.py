"""Keys of cached fields."""

from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, OperationDefinitionNode, parse
from graphql.execution import VariableValues

from engine.caching.policy import CachedField, CachePolicy
from engine.plan import planner
from engine.request import plan_cache
from engine.request.plan_cache import PlanCache
from engine.run.context import ExecutionContext
from schema import schema


class OnlyWordsOfBooks:
    """Policies that cache a field below the root."""

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None:
        return CachePolicy(60, is_private=False) if (type_.name, name) == ("Book", "vocabulary") else None

    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None:
        return CachePolicy(60, is_private=False)


def key(text: str, **variables: Any) -> bytes | None:
    """The key of the words of a book."""
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = VariableValues({}, variables)
    plan = PlanCache(schema._schema, operation, {}, policies=OnlyWordsOfBooks()).plan(values)
    book = plan.root.fields[0].position
    [words] = book.selections[book.type].fields
    assert isinstance(words.resolver, CachedField)
    return words.resolver.key(ExecutionContext(plan, None, None, values))


WORDS = "query($id: ID!, $first: Int) { book(id: $id) { vocabulary(first: $first) { nodes { word } } } }"


def test_key_ignores_names_of_variables_and_aliases() -> None:
    renamed = "query($n: Int, $b: ID!) { a: book(id: $b) { words: vocabulary(first: $n) { nodes { word } } } }"
    assert key(WORDS, id="1", first=2) == key(renamed, b="1", n=2)


@pytest.mark.parametrize(
    "other", [{"id": "2", "first": 2}, {"id": "1", "first": 3}, {"id": "1"}, {"id": 1, "first": 2}]
)
def test_key_depends_on_variables_of_parents_too(other: dict[str, Any]) -> None:
    assert key(WORDS, id="1", first=2) != key(WORDS, **other)


def test_key_depends_on_selection() -> None:
    assert key(WORDS, id="1", first=2) != key(WORDS.replace("word }", "reading }"), id="1", first=2)


@pytest.mark.parametrize(
    "text",
    ["{ viewer { dueCards(first: 1) { nodes { id } } } }", "mutation { deleteBook(input: {}) { errors { message } } }"],
)
def test_operation_without_cached_field_is_planned_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[object] = []

    def noting(*arguments: Any, **others: Any) -> Any:
        planned.append(plan(*arguments, **others))
        return planned[-1]

    plan = planner.build_plan
    monkeypatch.setattr(plan_cache, "build_plan", noting)
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = VariableValues({}, {})
    assert PlanCache(schema._schema, operation, {}, policies=OnlyWordsOfBooks()).plan(values) is planned[0]
    assert len(planned) == 1
