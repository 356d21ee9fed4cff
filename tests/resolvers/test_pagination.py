"""Pages cover each list in both directions, without gaps and duplicates, also while rows are added."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.clients import Client, client_of
from tests.databases import execute

# A connection and its parents. `{page}`: the place of the page arguments.
FORWARD_AND_BACKWARD = {
    "books, newest": "books({page})",
    "books, oldest": "books({page}, orderBy: OLDEST)",
    "books by title": "books({page}, orderBy: TITLE)",
    "books by level": "books({page}, orderBy: LEVEL)",
    "books of two levels": "books({page}, filter: {jlptLevels: [N5, N4]}, orderBy: LEVEL)",
    "books being read": "books({page}, filter: {status: READING})",
    "textbooks": "textbooks({page})",
    "kanji": "kanjiList({page}, filter: {jlptLevels: [N5, N4], maxStrokeCount: 7})",
    "vocabulary": "vocabulary({page}, filter: {jlptLevels: [N5], hasCard: true})",
}
LAST_WEEKS = (datetime.now(UTC) - timedelta(days=21)).isoformat()
FORWARD = {
    "due cards": "viewer { dueCards({page})",
    "cards, hardest first": "viewer { cards({page}, orderBy: HARDEST)",
    "cards by word": 'viewer { cards({page}, orderBy: WORD, filter: {search: "to"})',
    "cards": "viewer { cards({page}, filter: {suspended: false})",
    "reading progress": "viewer { readingProgress({page})",
    "own textbooks": "viewer { textbooks({page})",
    "reviews": f'viewer {{ reviews({{page}}, from: "{LAST_WEEKS}")',
    "search": 'searchVocabulary(query: "eat", {page})',
    "search for kanji": 'searchKanji(query: "ka", {page})',
    "words of a kanji": 'kanji(character: "食") { vocabulary({page})',
}


PAGE = "{ nodes { id } edges { cursor } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"


async def _page(client: Client, list_: str, arguments: str) -> dict[str, Any]:
    opened = list_.replace("{page}", arguments)
    data = (await client.run(f"{{ {opened} {PAGE} {'}' * opened.count(' { ')} }}", user="demo")).data
    while "nodes" not in data:
        (data,) = data.values()
    found: dict[str, Any] = data
    return found


async def _walk(client: Client, list_: str, size: int, *, backward: bool = False) -> list[str]:
    ids: list[str] = []
    cursor = None
    while True:
        side = f', {"before" if backward else "after"}: "{cursor}"' if cursor else ""
        page = await _page(client, list_, f"{'last' if backward else 'first'}: {size}{side}")
        found = [node["id"] for node in page["nodes"]]
        ids = found + ids if backward else ids + found
        info = page["pageInfo"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return ids
        cursor = info["startCursor" if backward else "endCursor"]


@pytest.mark.parametrize("name", [*FORWARD_AND_BACKWARD, *FORWARD])
async def test_pages_cover_the_list(client: Client, name: str) -> None:
    list_ = {**FORWARD_AND_BACKWARD, **FORWARD}[name]
    whole = await _page(client, list_, "first: 100")
    ids = await _walk(client, list_, 7)
    assert len(ids) == len(set(ids)) == whole["totalCount"]
    assert ids[:100] == [node["id"] for node in whole["nodes"]]
    assert whole["totalCount"] > 0


@pytest.mark.parametrize("list_", FORWARD_AND_BACKWARD.values(), ids=lambda list_: list_)
async def test_backward_pages_have_the_same_order(client: Client, list_: str) -> None:
    assert await _walk(client, list_, 9, backward=True) == await _walk(client, list_, 100)


async def test_page_between_two_cursors(client: Client) -> None:
    page = await _page(client, "books({page}, orderBy: TITLE)", "first: 10")
    cursors = [edge["cursor"] for edge in page["edges"]]
    between = await _page(
        client, "books({page}, orderBy: TITLE)", f'first: 100, after: "{cursors[2]}", before: "{cursors[7]}"'
    )
    assert between["nodes"] == page["nodes"][3:7]
    assert between["pageInfo"]["hasNextPage"] is False
    assert between["pageInfo"]["hasPreviousPage"] is True


async def test_rows_added_between_pages_cause_no_duplicate_and_no_gap(
    writable_database_url: str, redis_url: str
) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        list_ = "books({page}, orderBy: TITLE)"
        before = await _walk(client, list_, 100)
        first = await _page(client, list_, "first: 10")
        await execute(
            writable_database_url,
            "insert into books (id, title, author, description, jlpt_level, page_count, published_at, search_terms)"
            " select gen_random_uuid(), title || n, author, description, jlpt_level, page_count, now(), ''"
            " from books, generate_series(0, 1) as n order by title limit 60",
        )
        rest = await _page(client, list_, f'first: 100, after: "{first["pageInfo"]["endCursor"]}"')
        seen = [node["id"] for node in (*first["nodes"], *rest["nodes"])]
        assert len(seen) == len(set(seen))
        old = [id for id in seen if id in set(before)]
        assert old == before[: len(old)], "an old book was skipped or moved"


async def test_cursor_of_another_list_is_rejected(client: Client) -> None:
    page = await _page(client, "books({page}, orderBy: TITLE)", "first: 1")
    answer = await client.run(
        f'{{ books(orderBy: NEWEST, after: "{page["pageInfo"]["endCursor"]}") {{ totalCount }} }}'
    )
    assert answer.error_codes == ["BAD_USER_INPUT"]
    assert "is not a cursor of this list" in answer.messages[0]
