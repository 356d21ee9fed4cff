"""Under which key the value of a field is kept."""

from typing import Any

import pytest
from graphql import GraphQLField, GraphQLObjectType, OperationDefinitionNode, parse
from graphql.execution import VariableValues

from engine.caching.policy import CachedField, CachePolicy
from engine.plan import plan_cache, planner
from engine.plan.plan_cache import OperationPlans
from engine.run.context import Run
from schema import schema


class OnlyWordsOfBooks:
    """Policies by which a field is kept that is not at the root."""

    def of_field(self, type_: GraphQLObjectType, name: str, field: GraphQLField) -> CachePolicy | None:
        return CachePolicy(60, is_private=False) if (type_.name, name) == ("Book", "vocabulary") else None

    def of_type(self, type_: GraphQLObjectType) -> CachePolicy | None:
        return CachePolicy(60, is_private=False)


def key(text: str, **variables: Any) -> bytes | None:
    """Of the words of a book."""
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = VariableValues({}, variables)
    plan = OperationPlans(schema._schema, operation, {}, policies=OnlyWordsOfBooks()).plan(values)
    book = plan.root.fields[0].position
    [words] = book.selections[book.type].fields
    assert isinstance(words.resolution, CachedField)
    return words.resolution.key(Run(plan, None, None, values))


WORDS = "query($id: ID!, $first: Int) { book(id: $id) { vocabulary(first: $first) { nodes { word } } } }"


def test_the_names_of_variables_and_aliases_make_no_difference() -> None:
    renamed = "query($n: Int, $b: ID!) { a: book(id: $b) { words: vocabulary(first: $n) { nodes { word } } } }"
    assert key(WORDS, id="1", first=2) == key(renamed, b="1", n=2)


@pytest.mark.parametrize(
    "other", [{"id": "2", "first": 2}, {"id": "1", "first": 3}, {"id": "1"}, {"id": 1, "first": 2}]
)
def test_the_values_of_variables_do_also_above_the_field(other: dict[str, Any]) -> None:
    assert key(WORDS, id="1", first=2) != key(WORDS, **other)


def test_what_is_selected_does() -> None:
    assert key(WORDS, id="1", first=2) != key(WORDS.replace("word }", "reading }"), id="1", first=2)


@pytest.mark.parametrize(
    "text",
    ["{ viewer { dueCards(first: 1) { nodes { id } } } }", "mutation { deleteBook(input: {}) { errors { message } } }"],
)
def test_an_operation_without_such_a_field_is_planned_once(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    planned: list[object] = []

    def noting(*arguments: Any, **others: Any) -> Any:
        planned.append(plan(*arguments, **others))
        return planned[-1]

    plan = planner.planned
    monkeypatch.setattr(plan_cache, "planned", noting)
    [operation] = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    values = VariableValues({}, {})
    assert OperationPlans(schema._schema, operation, {}, policies=OnlyWordsOfBooks()).plan(values) is planned[0]
    assert len(planned) == 1
