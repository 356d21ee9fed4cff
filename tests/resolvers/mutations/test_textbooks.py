"""Textbooks are edited by their owners, and public ones by editors; chapters go and come with their textbook."""

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
async def own(writable: Client) -> str:
    return await own_textbook(writable)


async def own_textbook(client: Client) -> str:
    """The demo learner's own, which nobody else sees."""
    query = "{ viewer { textbooks(first: 1) { nodes { id } } } }"
    id: str = (await client.run(query, as_="demo")).data["viewer"]["textbooks"]["nodes"][0]["id"]
    return id


@pytest.fixture
async def public(writable: Client) -> str:
    """One of the platform's."""
    id: str = (await writable.run("{ textbooks(first: 1) { nodes { id } } }")).data["textbooks"]["nodes"][0]["id"]
    return id


async def run(client: Client, mutation: str, as_: str = "demo", **input_: Any) -> Any:
    [payload] = (await client.run(mutation, {"input": input_}, as_=as_)).data.values()
    return payload


async def read(client: Client, id: str, as_: str = "demo") -> Any:
    return (await client.run(READ, {"id": id}, as_=as_)).data["textbook"]


async def test_its_owner_edits_it(writable: Client, own: str) -> None:
    payload = await run(writable, UPDATE, id=own, expectedVersion=1, title="雨の日の言葉", description="")
    assert payload == {
        "textbook": {"id": own, "title": "雨の日の言葉", "description": "", "isPublic": False, "version": 2},
        "errors": [],
    }
    query = '{ textbooks(filter: {search: "雨の日"}) { nodes { id } } }'
    assert (await writable.run(query, as_="demo")).data["textbooks"]["nodes"] == [{"id": own}]
    conflict = await run(writable, UPDATE, id=own, expectedVersion=1, title="Mine")
    assert conflict == {"textbook": None, "errors": [{"code": "CONFLICT", "path": ["expectedVersion"]}]}
    unchanged = await run(writable, UPDATE, id=own, expectedVersion=2, title="雨の日の言葉")
    assert unchanged["textbook"]["version"] == 2


async def test_chapters_go_and_come_with_it(writable: Client, writable_database_url: str, own: str) -> None:
    before = await read(writable, own)
    # One was deleted long before, and stays so.
    await execute(
        writable_database_url,
        "update chapters set deleted_at = now() - interval '1 day' where position = 1 and textbook_id ="
        " (select textbooks.id from textbooks join users on users.id = owner_id where subject = 'demo')",
    )
    assert await run(writable, DELETE, id=own) == {"deletedId": own, "errors": []}
    assert await read(writable, own) is None
    nodes = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    chapters = [chapter["id"] for chapter in before["chapters"]]
    assert (await writable.run(nodes, {"ids": chapters}, as_="demo")).data["nodes"] == [None] * len(chapters)
    assert (await run(writable, DELETE, id=own))["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await run(writable, UPDATE, id=own, expectedVersion=2, title="x"))["errors"][0]["code"] == "NOT_FOUND"
    restored = await run(writable, RESTORE, id=own)
    assert restored["textbook"]["version"] == 3
    assert [chapter["position"] for chapter in restored["textbook"]["chapters"]] == list(range(2, len(chapters) + 1))
    assert await run(writable, RESTORE, id=own) == restored


async def test_changes_are_in_the_audit_log(writable: Client, own: str) -> None:
    await run(writable, UPDATE, id=own, expectedVersion=1, title="Other words")
    await run(writable, DELETE, id=own)
    await run(writable, RESTORE, id=own)
    query = "query($id: ID!) { admin { auditLog(entityId: $id) { nodes { action changes actor { displayName } } } } }"
    nodes = (await writable.run(query, {"id": own}, as_="admin")).data["admin"]["auditLog"]["nodes"]
    assert [(node["action"], node["actor"]["displayName"]) for node in nodes] == [
        ("restore", "Hana"),
        ("delete", "Hana"),
        ("update", "Hana"),
    ]
    assert json.loads(nodes[2]["changes"]) == {"title": {"before": "My first words", "after": "Other words"}}
    deleted_at = json.loads(nodes[1]["changes"])["deletedAt"]["after"]
    assert json.loads(nodes[0]["changes"]) == {"deletedAt": {"before": deleted_at, "after": None}}


async def test_editor_edits_public_textbooks(writable: Client, public: str) -> None:
    payload = await run(writable, UPDATE, as_="editor", id=public, expectedVersion=1, title="Better words")
    assert (payload["textbook"]["title"], payload["errors"]) == ("Better words", [])
    hidden = await run(writable, UPDATE, as_="editor", id=public, expectedVersion=2, isPublic=False)
    assert hidden["errors"] == [{"code": "INVALID", "path": ["isPublic"]}]
    before = await read(writable, public)
    assert (await run(writable, DELETE, as_="editor", id=public))["deletedId"] == public
    assert await read(writable, public) is None
    assert (await run(writable, RESTORE, as_="editor", id=public))["errors"] == []
    assert await read(writable, public) == {**before, "version": before["version"] + 2}


async def test_learner_cannot_change_public_textbook(writable: Client, writable_database_url: str, public: str) -> None:
    for mutation, more in ((UPDATE, {"expectedVersion": 1, "title": "Mine"}), (DELETE, {})):
        answered = await writable.run(mutation, {"input": {"id": public, **more}}, as_="demo")
        assert answered.error_codes == ["FORBIDDEN"]
    assert (await run(writable, RESTORE, id=public))["errors"] == [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (
        await column(writable_database_url, "select 1 from textbooks where title = 'Mine' or deleted_at < now()") == []
    )


@pytest.mark.parametrize("stranger", ["editor", "admin", "somebody new"])
async def test_private_textbook_is_hidden_from_others(writable: Client, own: str, stranger: str) -> None:
    expected = [{"code": "NOT_FOUND", "path": ["id"]}]
    assert (await run(writable, UPDATE, as_=stranger, id=own, expectedVersion=1, title="Mine"))["errors"] == expected
    assert (await run(writable, DELETE, as_=stranger, id=own))["errors"] == expected
    await run(writable, DELETE, id=own)
    assert (await run(writable, RESTORE, as_=stranger, id=own))["errors"] == expected


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
    own = await own_textbook(shared)
    payload = await run(shared, UPDATE, **{"id": own, "expectedVersion": 1, "isPublic": True, **input_})
    assert payload == {"textbook": None, "errors": [{"code": code, "path": path}]}
    assert (await read(shared, own))["version"] == 1
