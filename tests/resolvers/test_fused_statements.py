"""The statement of a list reads its total and the viewer's progress, as statements of their own would."""

from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import pytest

from tests.clients import Client, client_of

PROGRESS = "progress { id currentPage percent status startedAt lastReadAt finishedAt book { id } }"
BOOKS = "{ books(first: 100, orderBy: %s) { totalCount nodes { id %s } } }"
OF_EACH = "query($id: ID!) { node(id: $id) { ... on Book { %s } } }"
LISTS = {
    "books": "{ books(first: %d, after: %s) { totalCount nodes { id } pageInfo { endCursor } } }",
    "textbooks": "{ textbooks(first: %d, after: %s) { totalCount nodes { id } pageInfo { endCursor } } }",
    "cards": "{ viewer { cards(first: %d, after: %s) { totalCount nodes { id } pageInfo { endCursor } } } }",
    "dueCards": "{ viewer { dueCards(first: %d, after: %s) { totalCount nodes { id } pageInfo { endCursor } } } }",
}


@pytest.fixture(scope="module")
async def uncached(content_database_url: str) -> AsyncIterator[Client]:
    async with client_of(content_database_url, None, cache="off") as client:
        yield client


@pytest.mark.parametrize(
    ("order", "user"),
    [*product(("NEWEST", "TITLE"), ("demo", "editor", "admin", None)), *product(("COVERAGE",), ("demo", "admin"))],
)
async def test_progress_in_a_list_is_that_of_each_book(uncached: Client, order: str, user: str | None) -> None:
    query = BOOKS % (order, PROGRESS)
    # The second run is compiled.
    first, second = [await uncached.run(query, user=user) for _ in range(2)]
    assert first.data == second.data
    nodes = second.data["books"]["nodes"]
    is_reading = any(node["progress"] for node in nodes)
    assert is_reading is (user == "demo")
    # One reads the books of the progress. By coverage, the list does not have it.
    assert second.statements == 1 + is_reading + (order == "COVERAGE")
    for node in nodes[:20]:
        answer = await uncached.run(OF_EACH % PROGRESS, {"id": node["id"]}, user=user)
        assert answer.data == {"node": {"progress": node["progress"]}}


@pytest.mark.parametrize("name", LISTS)
async def test_total_is_that_of_the_whole_list_on_each_page(uncached: Client, name: str) -> None:
    async def page(size: int, after: str | None) -> tuple[Any, int]:
        cursor = "null" if after is None else f'"{after}"'
        answer = await uncached.run(LISTS[name] % (size, cursor), user="demo")
        found = answer.data.get("viewer", answer.data)[name]
        return found, answer.statements

    ids, after, totals = [], None, []
    for _ in range(3):
        found, statements = await page(3, after)
        assert statements == 1
        ids += [node["id"] for node in found["nodes"]]
        totals.append(found["totalCount"])
        after = found["pageInfo"]["endCursor"]
    assert len(set(totals)) == 1
    assert totals[0] >= len(ids) == len(set(ids))


async def test_list_without_rows_is_counted(uncached: Client) -> None:
    query = '{ books(filter: { author: "nobody at all" }) { totalCount nodes { id } } }'
    for _ in range(2):
        answer = await uncached.run(query, user="demo")
        assert answer.data == {"books": {"totalCount": 0, "nodes": []}}
        assert answer.statements == 2


async def test_aliases_of_a_list_have_their_own_totals(uncached: Client) -> None:
    query = (
        "{ all: books { totalCount nodes { progress { currentPage } } }"
        " easy: books(filter: { jlptLevels: [N5] }) { totalCount nodes { title progress { status } } } }"
    )
    answer = await uncached.run(query, user="demo")
    alone = [
        (await uncached.run(query, user="demo")).data["books"]["totalCount"]
        for query in ("{ books { totalCount } }", "{ books(filter: { jlptLevels: [N5] }) { totalCount } }")
    ]
    assert [answer.data[name]["totalCount"] for name in ("all", "easy")] == alone
    assert alone[0] > alone[1] > 0
