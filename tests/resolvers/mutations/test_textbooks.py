"""Owners edit their textbooks, and editors public ones; chapters are deleted and restored with their textbook."""

import json
from typing import Any
from uuid import uuid4

import pytest

from domain.ids import global_id
from tests.clients import Client
from tests.databases import column, execute

UPDATE = """
    mutation($input: UpdateTextbookInput!) { updateTextbook(input: $input) {
        textbook { id title description isPublic version } errors { code path }
    } }
"""
DELETE = "mutation($input: DeleteTextbookInput!) { deleteTextbook(input: $input) { deletedId errors { code path } } }"
RESTORE = """
    mutation($input: RestoreTextbookInput!) { restoreTextbook(input: $input) {
        textbook { id version chapterCount chapters { position } } errors { code path }
    } }
"""
READ = "query($id: ID!) { textbook(id: $id) { id version chapterCount chapters { id } } }"


@pytest.fixture
async def own_textbook_id(writable: Client) -> str:
    return await own_textbook(writable)


async def own_textbook(client: Client) -> str:
    """A private textbook of the demo learner."""
    query = "{ viewer { textbooks(first: 1) { nodes { id } } } }"
    id: str = (await client.run(query, user="demo")).data["viewer"]["textbooks"]["nodes"][0]["id"]
    return id


@pytest.fixture
async def public_textbook_id(writable: Client) -> str:
    """A public textbook of the platform."""
    id: str = (await writable.run("{ textbooks(first: 1) { nodes { id } } }")).data["textbooks"]["nodes"][0]["id"]
    return id


async def run(client: Client, mutation: str, user: str = "demo", **input_: Any) -> Any:
    [payload] = (await client.run(mutation, {"input": input_}, user=user)).data.values()
    return payload


async def read(client: Client, id: str, user: str = "demo") -> Any:
    return (await client.run(READ, {"id": id}, user=user)).data["textbook"]


async def test_owner_edits_textbook(writable: Client, own_textbook_id: str) -> None:
    payload = await run(writable, UPDATE, id=own_textbook_id, expectedVersion=1, title="雨の日の言葉", description="")
    assert payload == {
        "textbook": {
            "id": own_textbook_id,
            "title": "雨の日の言葉",
            "description": "",
            "isPublic": False,
            "version": 2,
        },
        "errors": [],
    }
    query = '{ textbooks(filter: {search: "雨の日"}) { nodes { id } } }'
    assert (await writable.run(query, user="demo")).data["textbooks"]["nodes"] == [{"id": own_textbook_id}]
    conflict = await run(writable, UPDATE, id=own_textbook_id, expectedVersion=1, title="Mine")
    assert (conflict["textbook"]["id"], conflict["textbook"]["version"]) == (own_textbook_id, 2)
    assert conflict["errors"] == [{"code": "CONFLICT", "path": ["expectedVersion"]}]
    unchanged = await run(writable, UPDATE, id=own_textbook_id, expectedVersion=2, title="雨の日の言葉")
    assert unchanged["textbook"]["version"] == 2


async def test_chapters_are_deleted_and_restored_with_the_textbook(
    writable: Client, writable_database_url: str, own_textbook_id: str
) -> None:
    before = await read(writable, own_textbook_id)
    # A chapter that was deleted before stays deleted.
    await execute(
        writable_database_url,
        "update chapters set deleted_at = now() - interval '1 day' where position = 1 and textbook_id ="
        " (select textbooks.id from textbooks join users on users.id = owner_id where subject = 'demo')",
    )
    assert await run(writable, DELETE, id=own_textbook_id) == {"deletedId": own_textbook_id, "errors": []}
    assert await read(writable, own_textbook_id) is None
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    chapters = [chapter["id"] for chapter in before["chapters"]]
    assert (await writable.run(nodes, {"ids": chapters}, user="demo")).data["nodes"] == [None] * len(chapters)
    assert (await run(writable, DELETE, id=own_textbook_id))["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await run(writable, UPDATE, id=own_textbook_id, expectedVersion=2, title="x"))["errors"][0][
        "code"
    ] == "NOT_FOUND"
    restored = await run(writable, RESTORE, id=own_textbook_id)
    assert restored["textbook"]["version"] == 3
    assert [chapter["position"] for chapter in restored["textbook"]["chapters"]] == list(range(2, len(chapters) + 1))
    assert await run(writable, RESTORE, id=own_textbook_id) == restored


async def test_changes_are_in_the_audit_log(writable: Client, own_textbook_id: str) -> None:
    await run(writable, UPDATE, id=own_textbook_id, expectedVersion=1, title="Other words")
    await run(writable, DELETE, id=own_textbook_id)
    await run(writable, RESTORE, id=own_textbook_id)
    query = "query($id: ID!) { admin { auditLog(entityId: $id) { nodes { action changes actor { displayName } } } } }"
    nodes = (await writable.run(query, {"id": own_textbook_id}, user="admin")).data["admin"]["auditLog"]["nodes"]
    assert [(node["action"], node["actor"]["displayName"]) for node in nodes] == [
        ("restore", "Hana"),
        ("delete", "Hana"),
        ("update", "Hana"),
    ]
    # The textbook is private, so the log does not have its title.
    assert json.loads(nodes[2]["changes"]) == {}
    deleted_at = json.loads(nodes[1]["changes"])["deletedAt"]["after"]
    assert json.loads(nodes[0]["changes"]) == {"deletedAt": {"before": deleted_at, "after": None}}


async def test_editor_edits_public_textbooks(writable: Client, public_textbook_id: str) -> None:
    payload = await run(writable, UPDATE, user="editor", id=public_textbook_id, expectedVersion=1, title="Better words")
    assert (payload["textbook"]["title"], payload["errors"]) == ("Better words", [])
    hidden = await run(writable, UPDATE, user="editor", id=public_textbook_id, expectedVersion=2, isPublic=False)
    assert hidden["errors"] == [{"code": "INVALID", "path": ["isPublic"]}]
    before = await read(writable, public_textbook_id)
    assert (await run(writable, DELETE, user="editor", id=public_textbook_id))["deletedId"] == public_textbook_id
    assert await read(writable, public_textbook_id) is None
    assert (await run(writable, RESTORE, user="editor", id=public_textbook_id))["errors"] == []
    assert await read(writable, public_textbook_id) == {**before, "version": before["version"] + 2}


async def test_learner_cannot_change_public_textbook(
    writable: Client, writable_database_url: str, public_textbook_id: str
) -> None:
    for mutation, more in ((UPDATE, {"expectedVersion": 1, "title": "Mine"}), (DELETE, {})):
        answered = await writable.run(mutation, {"input": {"id": public_textbook_id, **more}}, user="demo")
        assert answered.error_codes == ["FORBIDDEN"]
    assert (await run(writable, RESTORE, id=public_textbook_id))["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (
        await column(writable_database_url, "select 1 from textbooks where title = 'Mine' or deleted_at < now()") == []
    )


@pytest.mark.parametrize("stranger", ["editor", "admin", "somebody new"])
async def test_private_textbook_is_hidden_from_others(writable: Client, own_textbook_id: str, stranger: str) -> None:
    expected = [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await run(writable, UPDATE, user=stranger, id=own_textbook_id, expectedVersion=1, title="Mine"))[
        "errors"
    ] == expected
    assert (await run(writable, DELETE, user=stranger, id=own_textbook_id))["errors"] == expected
    await run(writable, DELETE, id=own_textbook_id)
    assert (await run(writable, RESTORE, user=stranger, id=own_textbook_id))["errors"] == expected


@pytest.mark.parametrize(
    ("input_", "code", "path"),
    [
        ({"title": ""}, "REQUIRED", ["title"]),
        ({"title": "x" * 501}, "TOO_LONG", ["title"]),
        ({"description": "x" * 10_001}, "TOO_LONG", ["description"]),
        ({"id": global_id("Textbook", uuid4())}, "NOT_FOUND", ["id"]),
        ({"id": global_id("Book", uuid4())}, "INVALID", ["id"]),
    ],
)
async def test_bad_input_writes_nothing(shared: Client, input_: dict[str, Any], code: str, path: list[str]) -> None:
    textbook_id = await own_textbook(shared)
    payload = await run(shared, UPDATE, **{"id": textbook_id, "expectedVersion": 1, "isPublic": True, **input_})
    assert payload == {"textbook": None, "errors": [{"code": code, "path": path}]}
    assert (await read(shared, textbook_id))["version"] == 1
