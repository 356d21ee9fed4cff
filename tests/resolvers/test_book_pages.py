"""Books have text, which is read by page."""

import re
from typing import Any

import pytest

from content.stories import load_stories
from tests.clients import Client, client_of
from tests.databases import execute_and_notify

PAGES = """
    query($id: ID!, $first: Int, $after: String) {
        book(id: $id) { hasText pageCount pages(first: $first, after: $after) {
            nodes { number text ruby { start length reading } } pageInfo { hasNextPage endCursor } totalCount
        } }
    }
"""
PAGE = "query($id: ID!, $number: Int!) { book(id: $id) { page(number: $number) { number text } } }"


async def id_of(client: Client, title: str) -> str:
    answer = await client.run("query($s: String!) { books(filter: {search: $s}) { nodes { id title } } }", {"s": title})
    id: str = next(book["id"] for book in answer.data["books"]["nodes"] if book["title"] == title)
    return id


async def read(client: Client, id: str, **arguments: Any) -> Any:
    return (await client.run(PAGES, {"id": id, **arguments})).data["book"]


async def test_pages_have_the_whole_text(client: Client) -> None:
    for story in load_stories()[-2:]:
        book = await read(client, await id_of(client, story.title))
        pages = book["pages"]["nodes"]
        assert book["hasText"]
        assert [page["number"] for page in pages] == list(range(1, book["pageCount"] + 1))
        assert book["pages"]["totalCount"] == book["pageCount"] > 1
        text = "\n\n".join(story.paragraphs)
        assert "".join(page["text"] for page in pages) == re.sub(r"《[^》]*》|｜", "", text)


async def test_readings_are_placed_in_the_page(client: Client) -> None:
    story = next(story for story in load_stories() if "《" in "".join(story.paragraphs))
    pages = (await read(client, await id_of(client, story.title)))["pages"]["nodes"]
    found = [
        (page["text"][ruby["start"] :][: ruby["length"]], ruby["reading"]) for page in pages for ruby in page["ruby"]
    ]
    source = "\n".join(story.paragraphs)
    assert found == [(a or b, c) for a, b, c in re.findall(r"(?:｜([^《]+)|([一-龥々]+))《([^》]+)》", source)]


@pytest.mark.usefixtures("unknown_words")
async def test_pages_have_tokens_with_the_readings_of_the_author(client: Client) -> None:
    query = """query($id: ID!, $first: Int) { book(id: $id) { pages(first: $first) { nodes { text
        ruby { start length reading } tokens { surface reading furigana { text reading } vocabulary { id } } } } } }"""
    story = next(story for story in load_stories() if "《" in "".join(story.paragraphs))
    id = await id_of(client, story.title)
    answers = [
        await client.run(query, {"id": id, "first": first}, headers={"Cache-Control": "no-cache"}) for first in (1, 3)
    ]
    assert answers[0].statements == answers[1].statements
    pages = answers[1].data["book"]["pages"]["nodes"]
    given = [ruby["reading"] for page in pages for ruby in page["ruby"]]
    assert given
    for page in pages:
        assert "".join(token["surface"] for token in page["tokens"]) == page["text"]
        parts = [part for token in page["tokens"] for part in token["furigana"]]
        assert "".join(part["text"] for part in parts) == page["text"]
        for ruby in page["ruby"]:
            read = "".join(part["reading"] or part["text"] for part in parts)
            assert ruby["reading"] in read
    assert any(token["vocabulary"] for page in pages for token in page["tokens"])


async def test_pages_are_paginated(client: Client) -> None:
    id = await id_of(client, load_stories()[-1].title)
    first = (await read(client, id, first=2))["pages"]
    assert [page["number"] for page in first["nodes"]] == [1, 2]
    assert first["pageInfo"]["hasNextPage"]
    second = (await read(client, id, first=1, after=first["pageInfo"]["endCursor"]))["pages"]
    assert [page["number"] for page in second["nodes"]] == [3]


async def test_page_by_number(client: Client) -> None:
    id = await id_of(client, load_stories()[-1].title)
    pages = (await read(client, id))["pages"]["nodes"]
    for page in pages:
        answer = await client.run(PAGE, {"id": id, "number": page["number"]})
        assert answer.data["book"]["page"] == {"number": page["number"], "text": page["text"]}
    for number in (len(pages) + 1, 100_000):
        assert (await client.run(PAGE, {"id": id, "number": number})).data["book"] == {"page": None}
    for number in (0, -1, 100_001, 2**31 - 1, -(2**31)):
        answer = await client.run(PAGE, {"id": id, "number": number})
        assert answer.body["data"]["book"] == {"page": None}
        assert answer.messages == [f"number: {number} is outside 1 to 100000."]


async def test_book_without_text(client: Client) -> None:
    id = await id_of(client, "桃太郎")
    book = await read(client, id)
    assert (book["hasText"], book["pageCount"], book["pages"]["nodes"]) == (False, 24, [])
    assert (await client.run(PAGE, {"id": id, "number": 1})).data["book"] == {"page": None}


async def test_books_with_text_are_a_filter(client: Client) -> None:
    count = "query($text: Boolean) { books(filter: {hasText: $text}) { totalCount nodes { hasText } } }"
    counts = {}
    for text in (True, False):
        books = (await client.run(count, {"text": text})).data["books"]
        assert {book["hasText"] for book in books["nodes"]} == {text}
        counts[text] = books["totalCount"]
    assert counts[True] == len(load_stories())
    assert counts[True] + counts[False] == (await client.run("{ books { totalCount } }")).data["books"]["totalCount"]


async def test_newcomer_finds_stories_first(client: Client) -> None:
    titles = [story.title for story in load_stories()]
    for order, count in (("NEWEST", len(titles)), ("LEVEL", 8)):
        query = f"{{ books(first: {count}, orderBy: {order}) {{ nodes {{ title hasText }} }} }}"
        books = (await client.run(query)).data["books"]["nodes"]
        assert all(book["hasText"] for book in books), order
        assert order == "LEVEL" or [book["title"] for book in books] == titles


async def test_one_statement_reads_pages_by_number_of_all_books(client: Client) -> None:
    async def statements(first: int, numbers: int) -> int:
        pages = " ".join(f"p{number}: page(number: {number}) {{ text }}" for number in range(1, numbers + 1))
        query = f"{{ books(first: {first}) {{ nodes {{ hasText {pages} }} }} }}"
        return (await client.run(query, headers={"Cache-Control": "no-cache"})).statements

    assert await statements(3, 1) == await statements(29, 4)


@pytest.mark.parametrize("change", ["deleted_at = now()", "published_at = null"], ids=["deleted", "unpublished"])
async def test_pages_of_hidden_book_are_hidden(writable_database_url: str, redis_url: str, change: str) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        id = await id_of(client, load_stories()[0].title)
        queries = (PAGES, {"id": id}), (PAGE, {"id": id, "number": 1})
        for query, variables in queries:
            assert (await client.run(query, variables)).data["book"] is not None
        await execute_and_notify(
            writable_database_url, f"update books set {change} where title = '{load_stories()[0].title}'"
        )
        for user in (None, "demo"):
            for query, variables in queries:
                assert (await client.run(query, variables, user=user)).data == {"book": None}
        is_visible = change.startswith("published")
        for query, variables in queries:
            book = (await client.run(query, variables, user="editor")).data["book"]
            assert (book is not None) == is_visible
            assert book is None or book.get("page") or book["pages"]["nodes"]


async def test_reading_progress_is_by_page_of_the_text(writable: Client) -> None:
    mutation = """
        mutation($id: ID!, $page: Int!) { updateReadingProgress(input: {bookId: $id, currentPage: $page}) {
            progress { currentPage percent status } errors { code }
        } }
    """
    id = await id_of(writable, load_stories()[-1].title)
    page_count = (await read(writable, id))["pageCount"]
    finished = (await writable.run(mutation, {"id": id, "page": page_count}, user="demo")).data
    assert finished["updateReadingProgress"]["progress"]["status"] == "FINISHED"
    beyond = (await writable.run(mutation, {"id": id, "page": page_count + 1}, user="demo")).data
    assert beyond["updateReadingProgress"]["errors"] == [{"code": "OUT_OF_RANGE"}]
