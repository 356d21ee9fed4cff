"""Statements read the columns that the operation selects, and large ones with the other columns."""

from typing import Any

import pytest
from graphql import get_named_type, is_leaf_type

from db.queries.books import BookFilter, paged_books
from domain.enums import BookOrder
from domain.pages import page_arguments
from tests.clients import Client
from tests.schema.root_types import object_type
from tests.schema.selections import field_selection

# A list and an object of each type.
QUERIES = {
    "Book": (
        "{ books(first: 3, orderBy: TITLE) { nodes { %s } } }",
        "{ books(first: 3, orderBy: COVERAGE) { edges { node { %s } } } }",
    ),
    "Textbook": ("{ textbooks(first: 3) { nodes { %s } } }", "{ textbooks(first: 3) { edges { node { %s } } } }"),
}
OBJECTS = {
    "Book": "query($id: ID!) { book(id: $id) { %s } }",
    "Textbook": "query($id: ID!) { textbook(id: $id) { %s } }",
}
NO_CACHE = {"Cache-Control": "no-cache"}


def selections_of(name: str) -> dict[str, str]:
    """A selection of each field of a type."""
    return {
        field: field
        if is_leaf_type(get_named_type(definition.type))
        else field_selection(f"{name}.{field}", definition, "__typename")
        for field, definition in object_type(name).fields.items()
    }


async def found(client: Client, query: str, user: str, **variables: Any) -> list[Any]:
    # The second run is compiled.
    answers = [(await client.run(query, variables, user=user, headers=NO_CACHE)).data for _ in range(2)]
    assert answers[0] == answers[1]
    [value] = answers[0].values()
    return value.get("nodes") or [edge["node"] for edge in value.get("edges", ())] or [value]


@pytest.mark.parametrize("user", ["demo", "admin"])
@pytest.mark.parametrize("name", QUERIES)
async def test_each_field_alone_has_its_value(client: Client, name: str, user: str) -> None:
    """The value that it has next to all others, of a list and of an object."""
    selections = selections_of(name)
    for query in QUERIES[name]:
        full = await found(client, query % " ".join(selections.values()), user)
        assert len(full) == 3
        assert all(row["description"] for row in full)
        for field, selection in selections.items():
            assert await found(client, query % selection, user) == [{field: row[field]} for row in full]
    [whole] = await found(client, OBJECTS[name] % " ".join(selections.values()), user, id=full[0]["id"])
    for field, selection in selections.items():
        assert await found(client, OBJECTS[name] % selection, user, id=full[0]["id"]) == [{field: whole[field]}]


@pytest.mark.parametrize("name", QUERIES)
async def test_descriptions_need_no_statement(client: Client, name: str) -> None:
    for query in QUERIES[name]:
        for _ in range(2):
            answers = [
                await client.run(query % selection, user="admin", headers=NO_CACHE)
                for selection in ("id", "id description")
            ]
            assert answers[0].statements == answers[1].statements
    [row, *_] = await found(client, QUERIES[name][0] % "id", "admin")
    for selection in ("id", "description", "a: description b: title"):
        for _ in range(2):
            answer = await client.run(OBJECTS[name] % selection, {"id": row["id"]}, user="admin", headers=NO_CACHE)
            assert answer.statements == 1


async def test_selections_of_a_list_are_bounded() -> None:
    list_ = paged_books(BookFilter(), BookOrder.NEWEST, includes_unpublished=True)
    first = list_.with_columns(frozenset(("title",)))
    assert list_.with_columns(frozenset(("title",))) is first
    selected = first.page(page_arguments(5)).sql.partition("FROM")[0]
    assert [name for name in ("author", "description", "updated_at") if name in selected] == []
    for number in range(100):
        list_.with_columns(frozenset((f"column{number}",)))
    assert list_.with_columns(frozenset(("title",))) is not first
