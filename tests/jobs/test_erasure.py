"""A deleted account is erased after 30 days: nothing of the learner is left in any table, in Redis or in files."""

import base64
import itertools
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from redis.asyncio import Redis

from cache.redis.client import open_redis
from common.storage import DirectoryStorage, StorageLimits
from db.core.database import owner_connection
from db.maintenance import erasure
from domain.personal_data import PERSONAL_TABLES, Erasure
from jobs.erasure import erase_accounts
from tests.clients import Client
from tests.databases import SEND_CHANGES, execute_and_notify
from tests.personal_data import drop_checks, fill_tables
from tests.streams import StreamServer, stream_server
from tests.workers import export_files, export_work, running_worker, until

EMAIL, NAME, MARKER, LIBRARY_MARKER = (
    "leaver@privacy.example",
    "Leaver Lee",
    "marker of the leaver",
    "marker of the library",
)
DELETE = """
    mutation ($confirmation: String!) { deleteAccount(input: {confirmation: $confirmation}) {
        deletion { requestedAt erasedAt } viewer { deletion { erasedAt } } errors { code path }
    } }
"""
CANCEL = "mutation { __typename cancelAccountDeletion { viewer { email deletion { erasedAt } } errors { code } } }"
EXPORT = "mutation { requestDataExport(input: {}) { job { id } errors { code } } }"
VIEWER = "{ viewer { email } }"
LOOK = """
    query ($search: String, $id: ID!, $after: String) {
        admin {
            users(filter: {search: $search}, orderBy: EMAIL, first: 1, after: $after) {
                nodes { email } pageInfo { endCursor }
            }
            user(id: $id) { email }
        }
    }
"""
LOGGED = """
    insert into audit_log (id, at, actor_id, action, entity, entity_id, changes)
    values (gen_random_uuid(), now(), $1, 'update', $2, $3, jsonb_build_object('title', $4::text))
"""
PASSED = "update users set deleted_at = deleted_at - interval '31 days' where subject = 'leaver'"

# All rows of the database as text.
_TABLES = """
    select quote_ident(nspname) || '.' || quote_ident(relname) from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where relkind in ('r', 'p', 'm') and not relispartition and nspname in ('public', 'private', 'queue')
"""


@pytest.fixture
async def server(writable_database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[StreamServer]:
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path / "exports") as server:
        yield server


async def tables_with(connection: Any, *texts: Sequence[str]) -> list[list[str]]:
    """The tables with a row that contains one of the texts, for each group of texts, by one scan of each table."""
    patterns = [[f"%{text}%" for text in group] for group in texts]
    columns = ", ".join(f"coalesce(bool_or(row like any(${number + 1})), false)" for number in range(len(texts)))
    found: list[list[str]] = [[] for _ in texts]
    # The change outbox names users until processes are notified.
    await connection.execute(SEND_CHANGES)
    for [table] in await connection.fetch(_TABLES):
        rows = f"select {columns} from (select t::text as row from {table} as t offset 0) as rows"
        for tables, has_match in zip(found, await connection.fetchrow(rows, *patterns), strict=True):
            if has_match:
                tables.append(table)
    return found


def with_base64(*texts: str) -> tuple[str, ...]:
    """The texts, and what base64 has of each at any place in the encoded bytes, as in cursors and global ids."""
    encoded = []
    for text, place in itertools.product(texts, range(3)):
        # Characters at the ends depend on the bytes around them. `_` matches the characters in which alphabets differ.
        content = base64.urlsafe_b64encode(b"\0" * place + text.encode()).decode().replace("-", "_")
        encoded.append(content[-(-place * 4 // 3) : (place + len(text.encode())) * 4 // 3])
    return (*texts, *encoded)


def test_base64_is_found_at_any_place() -> None:
    for place in range(6):
        cursor = base64.urlsafe_b64encode(orjson.dumps(["user.email"[place:], EMAIL, "id"])).decode()
        assert any(text in cursor for text in with_base64(EMAIL)[1:])


async def account(client: Client, connection: Any, subject: str) -> tuple[UUID, str]:
    """Signs up; returns the id and the global id."""
    data = (await client.run("{ viewer { user { id } } }", user=subject)).data
    id: UUID = await connection.fetchval("select id from users where subject = $1", subject)
    return id, data["viewer"]["user"]["id"]


async def export(client: Client, url: str, directory: Path, user: str) -> Path:
    job = (await client.run(EXPORT, user=user)).data["requestDataExport"]["job"]["id"]
    async with running_worker(url, export_work(directory)):
        await until(url, job)
    [name] = os.listdir(directory)
    return directory / name


async def test_nothing_of_an_erased_account_is_left(
    server: StreamServer, writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    url, client, exports = writable_database_url, server.client, tmp_path / "exports"
    files, uploads = export_files(exports), DirectoryStorage(tmp_path / "uploads", StorageLimits(10, 10**9, 0))
    async with owner_connection(url) as connection, open_redis(redis_url) as redis:
        await drop_checks(connection)
        leaver, global_id = await account(client, connection, "leaver")
        assert (await client.run("{ viewer { dashboard { dueNow } } }", user="leaver")).data
        stayer, _ = await account(client, connection, "stayer")
        await connection.execute("update users set email = $2, display_name = $3 where id = $1", leaver, EMAIL, NAME)
        rows = await fill_tables(connection, leaver, MARKER)
        await fill_tables(connection, stayer, "marker of the stayer")
        # What everyone can read stays.
        public = await connection.fetchval(
            "update textbooks set owner_id = $1 where id = (select id from textbooks where is_public limit 1)"
            " returning id",
            leaver,
        )
        await connection.execute("delete from audit_log where actor_id = $1", leaver)
        for entity, id, actor, text in (
            ("Textbook", rows["textbooks"], leaver, MARKER),
            ("Chapter", rows["chapters"], leaver, MARKER),
            # By an editor, while the textbook was public.
            ("Chapter", rows["chapters"], stayer, MARKER),
            ("Textbook", uuid4(), leaver, MARKER),
            ("Chapter", uuid4(), leaver, MARKER),
            ("Textbook", public, leaver, LIBRARY_MARKER),
        ):
            await connection.execute(LOGGED, actor, entity, id, text)
        cursor = ""
        for _ in range(2):
            variables = {"search": "@privacy.", "id": global_id, "after": cursor or None}
            looked = (await client.run(LOOK, variables, user="admin")).data["admin"]
            cursor = looked["users"]["pageInfo"]["endCursor"] or cursor
        assert any(text in cursor for text in with_base64(EMAIL))
        file = await export(client, url, exports, "leaver")
        upload = uploads.create("part")
        upload.finish()
        await connection.execute("update uploads set parts = '{part}' where user_id = $1", leaver)

        refused = (await client.run(DELETE, {"confirmation": "yes"}, user="leaver")).data["deleteAccount"]
        assert refused["errors"] == [{"code": "INVALID", "path": ["confirmation"]}]
        deleted = (await client.run(DELETE, {"confirmation": EMAIL.upper()}, user="leaver")).data["deleteAccount"]
        assert deleted["viewer"]["deletion"] == {"erasedAt": deleted["deletion"]["erasedAt"]}
        await erase_accounts(connection, files, uploads, redis)
        assert await connection.fetchval("select count(*) from users where id = $1", leaver) == 1
        await connection.execute(PASSED)
        await erase_accounts(connection, files, uploads, redis)

        identity = with_base64(str(leaver), leaver.hex, "leaver@", NAME)
        of_leaver, left, of_stayer, of_library = await tables_with(
            connection, identity, with_base64(MARKER), ["marker of the stayer"], [LIBRARY_MARKER]
        )
        assert of_leaver == []
        kept = [table.name for table in PERSONAL_TABLES if table.erasure is Erasure.ANONYMIZED]
        # Entries of the audit log have what was written in the library only.
        assert sorted(left) == sorted(f"public.{name}" for name in kept if name != "audit_log")
        assert of_library == ["public.audit_log"]
        # Others keep everything.
        assert set(of_stayer) > {"public.cards", "public.analyzed_text_parts", "public.jobs", *left}
        assert await connection.fetchval("select owner_id from textbooks where id = $1", public) is None
        assert not file.exists()
        assert uploads.usage().files == 0
        async with Redis.from_url(redis_url) as raw:
            keys = [key async for key in raw.scan_iter("*") if str(leaver) in str(key) or leaver.hex in str(key)]
        assert keys == []
        again, _ = await account(client, connection, "leaver")
        assert again != leaver


async def test_deleted_account_can_only_be_restored_or_exported(
    server: StreamServer, writable_database_url: str, tmp_path: Path
) -> None:
    url, client = writable_database_url, server.client
    deletion = (await client.run(DELETE, {"confirmation": "demo@shinjp.example"}, user="demo")).data["deleteAccount"]
    for query in (
        VIEWER,
        "{ books { nodes { id } } }",
        'mutation { updateProfile(input: {displayName: "Me"}) { errors { code } } }',
        f"{CANCEL[:-2]} b: updateProfile(input: {{}}) {{ errors {{ code }} }} }}",
    ):
        refused = await client.run(query, user="demo")
        assert (refused.status, refused.error_codes) == (403, ["ACCOUNT_DELETED"])
        erased_at = refused.body["errors"][0]["extensions"]["erasedAt"]
        assert erased_at[:19] == deletion["deletion"]["erasedAt"][:19]
    assert (
        await client.http.get("/exports/cards.csv", headers={"Authorization": f"Bearer {client.token('demo')}"})
    ).status_code == 403
    assert await export(client, url, tmp_path / "exports", "demo")
    restored = (await client.run(CANCEL, user="demo")).data["cancelAccountDeletion"]
    assert restored == {"viewer": {"email": "demo@shinjp.example", "deletion": None}, "errors": []}
    assert (await client.run(VIEWER, user="demo")).data["viewer"]
    await execute_and_notify(url, "update users set deleted_at = now() - interval '31 days' where subject = 'demo'")
    assert (await client.run(CANCEL, user="demo")).error_codes == ["ACCOUNT_DELETED"]


async def test_last_administrator_cannot_be_deleted(writable: Client, writable_database_url: str) -> None:
    confirmation = {"confirmation": "admin@shinjp.example"}
    refused = (await writable.run(DELETE, confirmation, user="admin")).data["deleteAccount"]
    assert [error["code"] for error in refused["errors"]] == ["CONFLICT"]
    async with owner_connection(writable_database_url) as connection:
        await connection.execute("update users set role = 'admin' where subject = 'editor'")
    deleted = (await writable.run(DELETE, confirmation, user="admin")).data["deleteAccount"]
    assert deleted["errors"] == []


class _Killed(Exception):
    pass


class _Connection:
    """A connection of a worker that is killed after a number of statements."""

    def __init__(self, connection: Any, statements: int) -> None:
        self._connection, self._left = connection, statements

    def __getattr__(self, name: str) -> Any:
        async def run(*arguments: Any) -> Any:
            if not self._left:
                raise _Killed
            self._left -= 1
            return await getattr(self._connection, name)(*arguments)

        return run


async def test_erasure_continues_after_a_kill_at_any_statement(
    writable_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "BATCH_ROWS", 1_000)
    async with owner_connection(writable_database_url) as connection:
        demo = await connection.fetchval("select id from users where subject = 'demo'")
        await connection.execute("update users set deleted_at = now() - interval '31 days' where id = $1", demo)
        kills, uploads = 0, DirectoryStorage(tmp_path, StorageLimits(10, 10**9, 0))
        while await connection.fetchval("select count(*) from users where id = $1", demo):
            # Each run does a little more than the statements that find nothing.
            try:
                killed: Any = _Connection(connection, 4 * kills + 2)
                await erase_accounts(killed, export_files(tmp_path), uploads, None)
            except _Killed:
                kills += 1
        assert kills > len(PERSONAL_TABLES) / 10
        assert await tables_with(connection, (str(demo), demo.hex)) == [[]]
