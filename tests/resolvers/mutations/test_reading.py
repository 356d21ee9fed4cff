"""The page that was read last stands, whichever device tells it first."""

from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import execute
from tests.learners import days_ago

UPDATE = """
    mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) {
        progress { id currentPage percent status startedAt lastReadAt finishedAt }
        book { id progress { currentPage } }
        errors { code message path }
    } }
"""


@pytest.fixture
async def book(writable: Client) -> dict[str, Any]:
    """One that nobody has begun."""
    found: dict[str, Any] = (await writable.run("{ books(first: 1, orderBy: TITLE) { nodes { id pageCount } } }")).data
    node: dict[str, Any] = found["books"]["nodes"][0]
    return node


async def read(client: Client, book_id: str, page: int, read_at: str | None = None) -> Any:
    variables = {"input": {"bookId": book_id, "currentPage": page, "readAt": read_at}}
    return (await client.run(UPDATE, variables, as_="editor")).data["updateReadingProgress"]


async def test_a_book_is_begun_read_and_finished(writable: Client, book: dict[str, Any]) -> None:
    pages = book["pageCount"]
    opened = await read(writable, book["id"], 0, days_ago(3))
    assert (opened["progress"]["status"], opened["progress"]["percent"]) == ("NOT_STARTED", 0)
    begun = await read(writable, book["id"], 1, days_ago(2))
    assert begun["progress"]["status"] == "READING"
    assert begun["book"] == {"id": book["id"], "progress": {"currentPage": 1}}
    finished = (await read(writable, book["id"], pages, days_ago(1)))["progress"]
    assert (finished["status"], finished["percent"]) == ("FINISHED", 100)
    assert finished["finishedAt"] == finished["lastReadAt"]
    again = (await read(writable, book["id"], pages))["progress"]
    assert again["finishedAt"] == finished["finishedAt"] < again["lastReadAt"]
    back = (await read(writable, book["id"], 1))["progress"]
    assert (back["status"], back["finishedAt"]) == ("READING", None)
    assert opened["progress"]["id"] == back["id"]


async def test_an_older_moment_never_overwrites_a_newer_one(writable: Client, book: dict[str, Any]) -> None:
    newer = (await read(writable, book["id"], 5, days_ago(1)))["progress"]
    late = await read(writable, book["id"], book["pageCount"], days_ago(2))
    assert late["errors"] == []
    assert late["progress"] == {**newer, "startedAt": late["progress"]["startedAt"]}
    assert late["progress"]["startedAt"] < newer["startedAt"]


async def test_the_same_again_changes_nothing(writable: Client, book: dict[str, Any]) -> None:
    moment = days_ago(1)
    first = await read(writable, book["id"], 5, moment)
    assert await read(writable, book["id"], 5, moment) == first


async def test_a_moment_ahead_is_now(writable: Client, book: dict[str, Any]) -> None:
    await read(writable, book["id"], 5, days_ago(-1_000))
    assert (await read(writable, book["id"], 6))["progress"]["currentPage"] == 6


async def test_bad_input_writes_nothing(writable: Client, writable_database_url: str, book: dict[str, Any]) -> None:
    await read(writable, book["id"], 3)
    for id, page, moment, code, path in (
        (book["id"], -1, None, "OUT_OF_RANGE", "currentPage"),
        (book["id"], book["pageCount"] + 1, None, "OUT_OF_RANGE", "currentPage"),
        (book["id"], 4, "1999-12-31T00:00:00Z", "OUT_OF_RANGE", "readAt"),
        (global_id("Book", uuid4()), 1, None, "NOT_FOUND", "bookId"),
        (global_id("Card", uuid4()), 1, None, "INVALID", "bookId"),
        ("no id", 1, None, "INVALID", "bookId"),
    ):
        payload = await read(writable, id, page, moment)
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, [path])]
        assert payload["progress"] is payload["book"] is None
    assert (await read(writable, book["id"], 3))["progress"]["currentPage"] == 3
    for hidden in ("published_at = null", "deleted_at = now()"):
        await execute(writable_database_url, f"update books set {hidden}")
        assert (await read(writable, book["id"], 1))["errors"][0]["code"] == "NOT_FOUND"
