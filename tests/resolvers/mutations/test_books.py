"""Editors write books, with optimistic locking and an audit log."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from db.core.database import owner_connection
from db.maintenance.publication import publish_due_books
from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute, wait_for_listeners

BOOK = "id title titleReading author description jlptLevel coverUrl pageCount publishedAt version"
CREATE = f"""
    mutation($input: CreateBookInput!) {{ createBook(input: $input) {{ book {{ {BOOK} }} errors {{ code path }} }} }}
"""
UPDATE = f"""
    mutation($input: UpdateBookInput!) {{ updateBook(input: $input) {{ book {{ {BOOK} }} errors {{ code path }} }} }}
"""
DELETE = "mutation($input: DeleteBookInput!) { deleteBook(input: $input) { deletedId errors { code path } } }"
AUDIT = """
    query($id: ID!) { admin { auditLog(entityId: $id) {
        nodes { action entity entityId changes requestId actor { displayName } }
    } } }
"""
KOKORO: dict[str, Any] = {
    "title": "こころ（新版）",
    "titleReading": "こころしんぱん",
    "author": "夏目漱石",
    "description": "A student and the man he calls Sensei.",
    "jlptLevel": "N1",
    "coverUrl": "https://shinjp.example/covers/kokoro.jpg",
    "pageCount": 320,
}


async def run(client: Client, mutation: str, user: str = "editor", **input_: Any) -> Any:
    [payload] = (await client.run(mutation, {"input": input_}, user=user)).data.values()
    return payload


async def audit(client: Client, id: str) -> list[Any]:
    nodes: list[Any] = (await client.run(AUDIT, {"id": id}, user="admin")).data["admin"]["auditLog"]["nodes"]
    return nodes


async def seen_by_learners(client: Client, search: str) -> int:
    query = "query($search: String!) { books(filter: {search: $search}) { totalCount } }"
    count: int = (await client.run(query, {"search": search})).data["books"]["totalCount"]
    return count


async def test_book_is_created_published_and_deleted(writable: Client) -> None:
    created = await run(writable, CREATE, **KOKORO)
    assert created == {"book": {**KOKORO, "id": created["book"]["id"], "publishedAt": None, "version": 1}, "errors": []}
    id = created["book"]["id"]
    assert await seen_by_learners(writable, "しんぱん") == 0
    published = (await run(writable, UPDATE, id=id, expectedVersion=1, publish=True))["book"]
    assert (published["version"], published["publishedAt"] is None) == (2, False)
    assert await seen_by_learners(writable, "しんぱん") == 1
    hidden = (await run(writable, UPDATE, id=id, expectedVersion=2, publish=False))["book"]
    assert (hidden["version"], hidden["publishedAt"]) == (3, None)
    assert await run(writable, DELETE, id=id) == {"deletedId": id, "errors": []}
    assert (await run(writable, DELETE, id=id))["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await writable.run("query($id: ID!) { book(id: $id) { id } }", {"id": id}, user="editor")).data[
        "book"
    ] is None


async def test_changes_are_in_the_audit_log(shared: Client) -> None:
    book = (await run(shared, CREATE, **KOKORO))["book"]
    answered = await shared.run(
        UPDATE,
        {"input": {"id": book["id"], "expectedVersion": 1, "pageCount": 321, "coverUrl": None}},
        user="editor",
        headers={"X-Request-Id": "of-the-editor"},
    )
    assert answered.data["updateBook"]["errors"] == []
    await run(shared, DELETE, id=book["id"])
    deleted, updated, created = await audit(shared, book["id"])
    assert [entry["action"] for entry in (created, updated, deleted)] == ["create", "update", "delete"]
    assert updated == {
        "action": "update",
        "entity": "Book",
        "entityId": book["id"],
        "changes": updated["changes"],
        "requestId": answered.headers["X-Request-Id"],
        "actor": {"displayName": "Kenji"},
    }
    assert json.loads(updated["changes"]) == {
        "pageCount": {"before": 320, "after": 321},
        "coverUrl": {"before": KOKORO["coverUrl"], "after": None},
    }
    assert json.loads(created["changes"])["titleReading"] == {"before": None, "after": "こころしんぱん"}
    assert json.loads(deleted["changes"])["deletedAt"]["before"] is None


async def test_unexpected_version_is_a_conflict(shared: Client) -> None:
    book = (await run(shared, CREATE, **KOKORO))["book"]
    payload = await run(shared, UPDATE, id=book["id"], expectedVersion=0, title="Mine")
    assert payload == {"book": book, "errors": [{"code": "CONFLICT", "path": ["expectedVersion"]}]}
    assert [entry["action"] for entry in await audit(shared, book["id"])] == ["create"]


async def test_one_of_concurrent_updates_succeeds(shared: Client) -> None:
    id = (await run(shared, CREATE, **KOKORO))["book"]["id"]
    payloads = await asyncio.gather(*(run(shared, UPDATE, id=id, expectedVersion=1, pageCount=n) for n in range(1, 9)))
    assert sorted(len(payload["errors"]) for payload in payloads) == [0] + [1] * 7
    assert len(await audit(shared, id)) == 2


async def test_update_without_changes_keeps_the_version(shared: Client) -> None:
    book = (await run(shared, CREATE, **KOKORO))["book"]
    for input_ in ({}, {"title": book["title"], "pageCount": 320, "titleReading": KOKORO["titleReading"]}):
        assert (await run(shared, UPDATE, id=book["id"], expectedVersion=1, **input_))["book"] == book
    assert len(await audit(shared, book["id"])) == 1


async def test_omitted_fields_are_unchanged_and_null_clears(shared: Client) -> None:
    book = (await run(shared, CREATE, **KOKORO))["book"]
    changed = (await run(shared, UPDATE, id=book["id"], expectedVersion=1, titleReading=None, title=None))["book"]
    assert changed == {**book, "titleReading": None, "version": 2}


async def test_search_finds_new_title_and_author_reading(writable: Client) -> None:
    """The reading of an author's name is in the catalogue, not in the table."""
    query = (
        "query($s: String!) { books(filter: {search: $s}, first: 1) { nodes { id version title author } totalCount } }"
    )
    found = (await writable.run(query, {"s": "なつめ"})).data["books"]
    book = found["nodes"][0]
    assert book["author"] == "夏目漱石"
    await run(
        writable, UPDATE, id=book["id"], expectedVersion=book["version"], title="猫の話", titleReading="ねこのはなし"
    )
    assert (await writable.run(query, {"s": "なつめ"})).data["books"]["totalCount"] == found["totalCount"]
    assert (await writable.run(query, {"s": "ねこのはなし"})).data["books"]["nodes"][0]["id"] == book["id"]
    assert (await writable.run(query, {"s": "夏目漱石"})).data["books"]["totalCount"] == found["totalCount"]


async def test_first_publication_creates_one_event(writable: Client, writable_database_url: str) -> None:
    events = "select kind from events where handled_at is null"
    id = (await run(writable, CREATE, **KOKORO))["book"]["id"]
    assert await column(writable_database_url, events) == []
    for version, publish in enumerate((True, False, True), start=1):
        await run(writable, UPDATE, id=id, expectedVersion=version, publish=publish)
    assert await column(writable_database_url, events) == ["BOOK_FIRST_PUBLISHED"]
    await run(writable, CREATE, **KOKORO, publish=True)
    assert await column(writable_database_url, events) == ["BOOK_FIRST_PUBLISHED"] * 2


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({"title": ""}, "REQUIRED", ["title"]),
        ({"title": " 　 "}, "REQUIRED", ["title"]),
        ({"title": "あ" * 501}, "TOO_LONG", ["title"]),
        ({"titleReading": "あ" * 501}, "TOO_LONG", ["titleReading"]),
        ({"author": ""}, "REQUIRED", ["author"]),
        ({"description": "x" * 10_001}, "TOO_LONG", ["description"]),
        ({"coverUrl": "javascript:alert(1)"}, "INVALID", ["coverUrl"]),
        ({"coverUrl": "https://"}, "INVALID", ["coverUrl"]),
        ({"coverUrl": "http://[::1"}, "INVALID", ["coverUrl"]),
        ({"pageCount": 0}, "OUT_OF_RANGE", ["pageCount"]),
        ({"pageCount": 100_001}, "OUT_OF_RANGE", ["pageCount"]),
    ],
)
async def test_bad_input_writes_nothing(shared: Client, input_: dict[str, Any], code: str, path: list[str]) -> None:
    refused = {"book": None, "errors": [{"code": code, "path": path}]}
    assert await run(shared, CREATE, **{**KOKORO, **input_}) == refused
    book = (await run(shared, CREATE, **KOKORO))["book"]
    assert await run(shared, UPDATE, id=book["id"], expectedVersion=1, **input_) == refused
    assert len(await audit(shared, book["id"])) == 1


@pytest.mark.parametrize(
    ("id", "code"),
    [(global_id("Book", uuid4()), "NOT_FOUND"), (global_id("Textbook", uuid4()), "INVALID"), ("no id", "INVALID")],
    ids=["missing", "of another type", "malformed"],
)
async def test_unknown_id(shared: Client, id: str, code: str) -> None:
    expected = [{"code": code, "path": ["id"]}]
    assert (await run(shared, UPDATE, id=id, expectedVersion=1))["errors"] == expected
    assert (await run(shared, DELETE, id=id))["errors"] == expected


RESTORE = f"""
    mutation($input: RestoreBookInput!) {{ restoreBook(input: $input) {{ book {{ {BOOK} }} errors {{ code path }} }} }}
"""
DELETED = "{ editorial { deleted(type: BOOK, first: 1) { nodes { objectId title version deletedAt purgedAt } } } }"
SCHEDULE = """
    mutation($input: UpdateBookInput!) {
        updateBook(input: $input) { book { publishedAt publishAt originalYear version } errors { code path } }
    }
"""


async def test_deleted_book_is_listed_and_restored(writable: Client) -> None:
    book = (await run(writable, CREATE, **KOKORO, publish=True))["book"]
    id = book["id"]
    conflict = await run(writable, DELETE.replace("deletedId", "deletedId book { version }"), id=id, expectedVersion=9)
    assert conflict["book"] == {"version": 1}
    assert (await run(writable, DELETE, id=id, expectedVersion=1))["errors"] == []
    [deleted] = (await writable.run(DELETED, user="editor")).data["editorial"]["deleted"]["nodes"]
    assert (deleted["objectId"], deleted["title"], deleted["version"]) == (id, book["title"], 2)
    assert deleted["purgedAt"] > deleted["deletedAt"]
    assert await seen_by_learners(writable, "しんぱん") == 0
    assert (await run(writable, RESTORE, id=id, expectedVersion=1))["errors"] == [
        {"code": "CONFLICT", "path": ["expectedVersion"]}
    ]
    restored = await run(writable, RESTORE, id=id, expectedVersion=2)
    assert (restored["book"]["version"], restored["errors"]) == (3, [])
    assert await seen_by_learners(writable, "しんぱん") == 1
    assert [entry["action"] for entry in await audit(writable, id)] == ["restore", "delete", "create"]


async def test_scheduled_book_is_published_at_its_time(writable: Client, writable_database_url: str) -> None:
    url = writable_database_url
    book = (await run(writable, CREATE, **KOKORO, originalYear=1914))["book"]
    at = datetime.now(UTC) + timedelta(hours=1)
    scheduled = await run(writable, SCHEDULE, id=book["id"], expectedVersion=1, publishAt=at.isoformat())
    assert scheduled["errors"] == []
    assert datetime.fromisoformat(scheduled["book"]["publishAt"]) == at
    assert (scheduled["book"]["publishedAt"], scheduled["book"]["originalYear"]) == (None, 1914)
    drafts = "{ books(filter: {published: false}) { nodes { title } } }"
    titles = [{"title": KOKORO["title"]}]
    assert (await writable.run(drafts, user="editor")).data["books"]["nodes"] == titles
    assert (await writable.run(drafts)).data["books"]["nodes"] == []

    async def publish() -> None:
        async with owner_connection(url) as connection:
            await publish_due_books(connection)
        await wait_for_listeners(url)

    await publish()
    assert await seen_by_learners(writable, "しんぱん") == 0
    await execute(url, "update books set publish_at = now() - interval '1 s' where publish_at is not null")
    await publish()
    assert await seen_by_learners(writable, "しんぱん") == 1
    events = "select kind from events join books on books.id = entity_id where original_year = 1914 and version = 3"
    assert await column(url, events) == ["BOOK_FIRST_PUBLISHED"]
    assert (await audit(writable, book["id"]))[0]["action"] == "publish"
    late = await run(writable, SCHEDULE, id=book["id"], expectedVersion=3, publishAt=at.isoformat())
    assert late["errors"] == [{"code": "INVALID", "path": ["publishAt"]}]
    past = await run(writable, SCHEDULE, id=book["id"], expectedVersion=3, publishAt="2026-01-01T00:00:00Z")
    assert past["errors"] == [{"code": "OUT_OF_RANGE", "path": ["publishAt"]}]


async def test_words_of_book_without_text_are_set_in_order(shared: Client) -> None:
    book = (await run(shared, CREATE, **KOKORO))["book"]
    nodes = (await shared.run("{ vocabulary(first: 3) { nodes { id } } }")).data["vocabulary"]["nodes"]
    words = [node["id"] for node in nodes]
    mutation = """
        mutation($input: SetBookVocabularyInput!) { setBookVocabulary(input: $input) {
            book { version vocabulary(first: 5) { nodes { id } } } errors { code path }
        } }
    """
    for version, wanted in ((1, words), (2, words[::-1])):
        saved = await run(shared, mutation, bookId=book["id"], expectedVersion=version, vocabularyIds=wanted)
        assert [node["id"] for node in saved["book"]["vocabulary"]["nodes"]] == wanted
        assert (saved["book"]["version"], saved["errors"]) == (version + 1, [])
    unknown = [words[0], global_id("Vocabulary", uuid4())]
    refused = await run(shared, mutation, bookId=book["id"], expectedVersion=3, vocabularyIds=unknown)
    assert refused["errors"] == [{"code": "NOT_FOUND", "path": ["vocabularyIds", "1"]}]


async def test_page_of_text_is_replaced(writable: Client) -> None:
    query = "{ books(filter: {hasText: true}) { nodes { id version pageCount pages(first: 2) { nodes { text } } } } }"
    found = (await writable.run(query, user="editor")).data["books"]["nodes"]
    book = next(book for book in found if book["pageCount"] > 1)
    first, second = (page["text"] for page in book["pages"]["nodes"])
    mutation = """
        mutation($input: UpdateBookPageInput!) { updateBookPage(input: $input) {
            book { version pages(first: 2) { nodes { text ruby { reading } } } } job { kind } errors { code path }
        } }
    """
    values = {"bookId": book["id"], "number": 1, "text": "猫《ねこ》がいる。"}
    saved = await run(writable, mutation, expectedVersion=book["version"], **values)
    assert saved["errors"] == []
    page, unchanged = saved["book"]["pages"]["nodes"]
    assert page == {"text": "猫がいる。" + "\n" * first.endswith("\n"), "ruby": [{"reading": "ねこ"}]}
    assert unchanged["text"] == second
    assert saved["job"] == {"kind": "ANALYZE_BOOK"}
    again = await run(writable, mutation, expectedVersion=book["version"] + 1, **values)
    assert (again["book"]["version"], again["job"]) == (book["version"] + 1, None)
    values["text"] = "あ" * 601
    refused = await run(writable, mutation, expectedVersion=book["version"] + 1, **values)
    assert refused["errors"] == [{"code": "TOO_LONG", "path": ["text"]}]
