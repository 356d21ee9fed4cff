"""Deleted content of each type is listed for editors and restored until its purge."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from db.core.database import owner_connection
from db.maintenance.retention import purge_expired
from domain.enums import DeletedType
from domain.ids import parse_global_id
from domain.retention import DELETED_ROW_RETENTION
from tests.clients import Client
from tests.databases import execute

LIST = """
    query($type: DeletedType!) { editorial { deleted(type: $type, first: 100) {
        totalCount nodes { objectId type title version deletedAt purgedAt }
    } } }
"""
TEXTBOOK = {"title": "本", "jlptLevel": "N5", "topics": ["a"], "isPublic": True}
BOOK = {"title": "本", "author": "a", "description": "d", "jlptLevel": "N5", "pageCount": 9}
TEXTS = {"title": "章", "summary": "s", "content": "c"}


async def run(client: Client, name: str, selection: str, **input_: Any) -> Any:
    query = f"""
        mutation($input: {name[0].upper()}{name[1:]}Input!) {{
            {name}(input: $input) {{ {selection} errors {{ code }} }}
        }}
    """
    return (await client.run(query, {"input": input_}, user="editor")).data[name]


async def deleted(client: Client, type: DeletedType, id: str) -> Any:
    """The entry of an object in the list of its type, None if it has none."""
    found = (await client.run(LIST, {"type": type.value}, user="editor")).data["editorial"]["deleted"]
    assert found["totalCount"] == len(found["nodes"])
    return next((node for node in found["nodes"] if node["objectId"] == id), None)


async def new_object(client: Client, type: DeletedType) -> tuple[str, int]:
    """An object and its version."""
    if type is DeletedType.BOOK:
        return (await run(client, "createBook", "book { id }", **BOOK))["book"]["id"], 1
    textbook: str = (await run(client, "createTextbook", "textbook { id }", **TEXTBOOK))["textbook"]["id"]
    if type is DeletedType.TEXTBOOK:
        return textbook, 1
    values = {"textbookId": textbook, "expectedVersion": 1, **TEXTS}
    return (await run(client, "createChapter", "chapter { id }", **values))["chapter"]["id"], 2


@pytest.mark.parametrize("type", DeletedType)
async def test_object_is_restored_until_its_purge(shared: Client, shared_database_url: str, type: DeletedType) -> None:
    name, table = type.value.capitalize(), f"{type.value.lower()}s"
    id, version = await new_object(shared, type)
    assert await deleted(shared, type, id) is None
    assert (await run(shared, f"delete{name}", "", id=id, expectedVersion=version))["errors"] == []
    entry = await deleted(shared, type, id)
    assert (entry["type"], entry["version"]) == (type.value, version + 1)
    times = [datetime.fromisoformat(entry[field]) for field in ("deletedAt", "purgedAt")]
    assert times[1] - times[0] == DELETED_ROW_RETENTION
    for user in ("demo", None):
        assert (await shared.run(LIST, {"type": type.value}, user=user)).data == {"editorial": None}

    async def purge(age: timedelta) -> None:
        key = parse_global_id(id)[1]
        await execute(
            shared_database_url,
            f"update {table} set deleted_at = now() - interval '{age.total_seconds()} s' where id = '{key}'",
        )
        async with owner_connection(shared_database_url) as connection:
            await purge_expired(connection)

    await purge(DELETED_ROW_RETENTION - timedelta(hours=1))
    restored = await run(shared, f"restore{name}", f"{type.value.lower()} {{ id }}", id=id, expectedVersion=version + 1)
    assert (restored["errors"], restored[type.value.lower()]) == ([], {"id": id})
    assert await deleted(shared, type, id) is None

    assert (await run(shared, f"delete{name}", "", id=id, expectedVersion=version + 2))["errors"] == []
    await purge(DELETED_ROW_RETENTION + timedelta(hours=1))
    assert await deleted(shared, type, id) is None
    gone = await run(shared, f"restore{name}", "", id=id, expectedVersion=version + 3)
    assert gone["errors"] == [{"code": "NOT_FOUND"}]
