"""The latest progress wins, in whatever order devices send it; status, percent and finishedAt are consistent."""

import asyncio
from random import Random
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import execute
from tests.review_assertions import days_ago

UPDATE = """
    mutation($input: UpdateReadingProgressInput!) { updateReadingProgress(input: $input) {
        progress { id currentPage percent status startedAt lastReadAt finishedAt }
        book { id progress { currentPage } }
        errors { code message path }
    } }
"""

STATUSES = ("NOT_STARTED", "READING", "FINISHED")
SHOWN = "id currentPage percent status startedAt lastReadAt finishedAt"
EDIT = "mutation($input: UpdateBookInput!) { updateBook(input: $input) { errors { code } } }"


@pytest.fixture
async def book(writable: Client) -> dict[str, Any]:
    """A book that the demo learner has not started."""
    found: dict[str, Any] = (await writable.run("{ books(first: 1, orderBy: TITLE) { nodes { id pageCount } } }")).data
    node: dict[str, Any] = found["books"]["nodes"][0]
    return node


async def read(client: Client, book_id: str, page: int, read_at: str | None = None) -> Any:
    variables = {"input": {"bookId": book_id, "currentPage": page, "readAt": read_at}}
    return (await client.run(UPDATE, variables, user="editor")).data["updateReadingProgress"]


async def test_book_is_started_read_and_finished(writable: Client, book: dict[str, Any]) -> None:
    pages = book["pageCount"]
    opened = await read(writable, book["id"], 0, days_ago(3))
    assert (opened["progress"]["status"], opened["progress"]["percent"]) == ("NOT_STARTED", 0)
    started = await read(writable, book["id"], 1, days_ago(2))
    assert started["progress"]["status"] == "READING"
    assert started["book"] == {"id": book["id"], "progress": {"currentPage": 1}}
    finished = (await read(writable, book["id"], pages, days_ago(1)))["progress"]
    assert (finished["status"], finished["percent"]) == ("FINISHED", 100)
    assert finished["finishedAt"] == finished["lastReadAt"]
    again = (await read(writable, book["id"], pages))["progress"]
    assert again["finishedAt"] == finished["finishedAt"] < again["lastReadAt"]
    back = (await read(writable, book["id"], 1))["progress"]
    assert back == {**again, "currentPage": 1, "lastReadAt": back["lastReadAt"]}
    assert (back["status"], back["percent"], back["finishedAt"]) == ("FINISHED", 100, finished["finishedAt"])
    assert opened["progress"]["id"] == back["id"]


async def test_older_progress_does_not_overwrite_newer(writable: Client, book: dict[str, Any]) -> None:
    newer = (await read(writable, book["id"], 5, days_ago(1)))["progress"]
    late = await read(writable, book["id"], 4, days_ago(3))
    assert late["errors"] == []
    assert late["progress"] == {**newer, "startedAt": late["progress"]["startedAt"]}
    assert late["progress"]["startedAt"] < newer["startedAt"]
    # Older progress only sets finishedAt: the book was finished then.
    end = (await read(writable, book["id"], book["pageCount"], days_ago(2)))["progress"]
    finished = {"status": "FINISHED", "percent": 100, "finishedAt": end["finishedAt"]}
    assert end == {**late["progress"], **finished}
    assert end["startedAt"] < end["finishedAt"] < end["lastReadAt"]


async def test_repeated_progress_changes_nothing(writable: Client, book: dict[str, Any]) -> None:
    moment = days_ago(1)
    first = await read(writable, book["id"], 5, moment)
    assert await read(writable, book["id"], 5, moment) == first


async def test_future_timestamp_is_clamped_to_now(writable: Client, book: dict[str, Any]) -> None:
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


OF_VIEWER = " ".join(f"{s}: readingProgress(first: 100, status: {s}) {{ nodes {{ id }} }}" for s in STATUSES)
OF_BOOKS = " ".join(f"{s}: books(first: 100, filter: {{status: {s}}}) {{ nodes {{ id }} }}" for s in STATUSES)
EVERYWHERE = f"""
    query ($id: ID!) {{
        book(id: $id) {{ version pageCount progress {{ {SHOWN} }} }}
        viewer {{
            readingProgress(first: 100) {{ nodes {{ {SHOWN} }} }}
            dashboard {{ currentlyReading(first: 100) {{ {SHOWN} }} }}
            {OF_VIEWER}
        }}
        {OF_BOOKS}
    }}
"""


async def look(client: Client, book_id: str) -> tuple[int, int, dict[str, Any] | None]:
    """The book's version and pages, and the viewer's progress, which must be the same in all fields."""
    found = (await client.run(EVERYWHERE, {"id": book_id}, user="editor")).data
    book, viewer = found["book"], found["viewer"]
    progress: dict[str, Any] | None = book["progress"]
    own = [] if progress is None else [progress]
    status = "NOT_STARTED" if progress is None else progress["status"]
    assert viewer["readingProgress"]["nodes"] == own
    assert viewer["dashboard"]["currentlyReading"] == (own if status == "READING" else [])
    for listed in STATUSES:
        assert viewer[listed]["nodes"] == [{"id": place["id"]} for place in own if listed == status]
        assert ({"id": book_id} in found[listed]["nodes"]) is (listed == status), listed
    return book["version"], book["pageCount"], progress


async def edit_pages(client: Client, book_id: str, version: int, pages: int) -> None:
    edited = {"id": book_id, "expectedVersion": version, "pageCount": pages}
    answered = await client.run(EDIT, {"input": edited}, user="editor")
    assert answered.data["updateBook"]["errors"] == []


async def set_pages(client: Client, database_url: str, book_id: str, pages: int) -> None:
    """Updates by SQL, which invalidates the cache within a second."""
    await execute(database_url, f"update books set page_count = {pages}")
    query = "query($id: ID!) { book(id: $id) { pageCount } }"
    async with asyncio.timeout(30):
        while (await client.run(query, {"id": book_id}, user="editor")).data["book"]["pageCount"] != pages:
            pass


@pytest.mark.parametrize("seed", range(4))
async def test_status_percent_and_end_agree_after_any_change(
    writable: Client, writable_database_url: str, book: dict[str, Any], seed: int
) -> None:
    """Random progress with unordered timestamps, and changes of the page count by mutation and by SQL."""
    random, id = Random(seed), book["id"]
    await execute(writable_database_url, "delete from reading_progress")
    before: dict[str, Any] | None = None
    for _ in range(25):
        version, pages, _ = await look(writable, id)
        change = random.choice(["read", "read", "edit", "sql"])
        if change == "read":
            page = random.choice([0, 1, pages - 1, pages, random.randint(0, pages), random.randint(0, pages)])
            assert (await read(writable, id, page, days_ago(random.uniform(0, 30))))["errors"] == []
        elif change == "edit":
            await edit_pages(writable, id, version, random.choice([1, 2, 50, 99, 100, 101, 300]))
        else:
            await set_pages(writable, writable_database_url, id, random.choice([1, 60, 100, 200]))
        _, pages, now = await look(writable, id)
        if now is None:
            continue
        assert 0 <= now["currentPage"] <= pages
        assert 0 <= now["percent"] <= 100
        finished = now["finishedAt"] is not None
        assert (now["percent"] == 100) is (now["status"] == "FINISHED") is finished
        assert finished or now["status"] == ("READING" if now["currentPage"] else "NOT_STARTED")
        assert not finished or now["startedAt"] <= now["finishedAt"] <= now["lastReadAt"]
        if change == "read" and before is not None and before["finishedAt"] is not None:
            assert finished
            assert now["finishedAt"] <= before["finishedAt"]
        before = now


async def test_order_of_arrival_makes_no_difference(writable: Client) -> None:
    """Devices that were offline send their progress in any order."""
    listed = await writable.run("{ books(first: 100, orderBy: TITLE) { nodes { id version hasText } } }")
    books = [book for book in listed.data["books"]["nodes"] if not book["hasText"]][:6]
    pages, random, ends = 50, Random(1), []
    updates = [(page, days_ago(20 - day)) for day, page in enumerate([0, 5, pages, 3, pages, 2])]
    for book in books:
        await edit_pages(writable, book["id"], book["version"], pages)
        for page, moment in random.sample(updates, len(updates)):
            last = await read(writable, book["id"], page, moment)
        ends.append({name: value for name, value in last["progress"].items() if name != "id"})
    assert ends == [ends[0]] * len(books)
    assert (ends[0]["currentPage"], ends[0]["status"]) == (2, "FINISHED")


async def test_longer_edition_keeps_the_end_and_a_mistake_is_undone(
    writable: Client, writable_database_url: str, book: dict[str, Any]
) -> None:
    id, pages = book["id"], book["pageCount"]
    await read(writable, id, pages - 1)

    async def with_pages(number: int) -> Any:
        await set_pages(writable, writable_database_url, id, number)
        query = f"query($id: ID!) {{ book(id: $id) {{ progress {{ {SHOWN} }} }} }}"
        return (await writable.run(query, {"id": id}, user="editor")).data["book"]["progress"]

    shorter = await with_pages(1)
    assert (shorter["currentPage"], shorter["percent"], shorter["status"]) == (1, 100, "FINISHED")
    assert shorter["finishedAt"] == shorter["lastReadAt"]
    corrected = await with_pages(pages)
    assert (corrected["currentPage"], corrected["status"], corrected["finishedAt"]) == (pages - 1, "READING", None)
    finished = (await read(writable, id, pages))["progress"]
    assert await with_pages(pages * 2) == finished
