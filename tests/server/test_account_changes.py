"""A changed role and a deleted account take effect in every process, also after a write by SQL."""

import asyncio
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from cache.redis.rate_limiter import RateLimits
from db.core.changes import Change
from db.core.database import open_database
from db.notify.listener import open_listener
from db.services.account_look_ups import Account, find_accounts
from domain.enums import Role
from domain.ids import global_id
from server.auth import account_look_ups, viewer_cache
from server.auth.claims import Claims
from server.auth.viewer_cache import DISCONNECTED_TTL_SECONDS, TTL_SECONDS, ViewerCache
from tests.clients import Client, client_of
from tests.databases import column, execute, execute_and_notify
from tests.streams import COMPLETE, DASHBOARD, TRANSPORTS, WEBSOCKET, Event, stream_server
from tests.tcp_proxy import proxy_to
from tests.workers import id_of

# A query that editors may run, and learners may not.
EDIT = 'mutation { deleteBook(input: {id: "none"}) { errors { code } } }'
MAKE_EDITOR = "update users set role = 'editor' where subject = 'demo'"
MAKE_LEARNER = "update users set role = 'learner' where subject = 'demo'"
BLOCK = "update users set blocked_at = now(), blocked_until = null, blocked_reason = 'Spam' where subject = 'demo'"
BLOCK_UNTIL = "update users set blocked_at = '2026-01-01', blocked_until ="
EXPORT = "mutation { requestExport(input: {kind: REVIEWS}) { job { id } } }"
BLOCK_USER = """
    mutation ($id: ID!) { blockUser(input: {userId: $id, reason: "Stolen"}) { errors { code } } }
"""
DELETE = "update users set deleted_at = now() where subject = 'demo'"


async def outcome(client: Client) -> str:
    answer = await client.run(EDIT, user="demo")
    return answer.error_codes[0] if answer.error_codes else answer.data["deleteBook"]["errors"][0]["code"]


async def test_roles_and_deletions_by_sql_hold_on_every_process(writable_database_url: str, redis_url: str) -> None:
    url = writable_database_url
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        processes = [await stack.enter_async_context(client_of(url, redis_url)) for _ in range(2)]
        for statement, expected in (
            ("select 1", "FORBIDDEN"),
            (MAKE_EDITOR, "INVALID"),
            (MAKE_LEARNER, "FORBIDDEN"),
            # More accounts than a notification can name.
            ("update users set role = 'editor' where role = 'learner'", "INVALID"),
            (DELETE, "ACCOUNT_DELETED"),
            ("update users set deleted_at = null where subject = 'demo'", "INVALID"),
            (BLOCK, "ACCOUNT_BLOCKED"),
            (f"{BLOCK_UNTIL} '2100-01-01' where subject = 'demo'", "ACCOUNT_BLOCKED"),
            # It has expired.
            (f"{BLOCK_UNTIL} '2026-01-02' where subject = 'demo'", "INVALID"),
            (BLOCK, "ACCOUNT_BLOCKED"),
            ("update users set blocked_at = null, blocked_reason = null where subject = 'demo'", "INVALID"),
            ("update users set subject = 'somebody else' where subject = 'demo'", "FORBIDDEN"),
        ):
            await execute_and_notify(url, statement)
            # The second request uses the cache entry of the first.
            assert [await outcome(process) for process in processes * 2] == [expected] * 4, statement


@pytest.fixture
def claims() -> Claims:
    return Claims("demo", None, None, None, datetime.now(UTC))


class Clock:
    """A fake clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        monkeypatch.setattr(viewer_cache, "time", SimpleNamespace(monotonic=lambda: self.now))


@pytest.mark.parametrize(("hears", "age"), [(True, TTL_SECONDS), (False, DISCONNECTED_TTL_SECONDS)])
async def test_viewer_cache_has_shorter_ttl_while_listener_is_disconnected(
    writable_database_url: str, claims: Claims, monkeypatch: pytest.MonkeyPatch, hears: bool, age: float
) -> None:
    clock = Clock(monkeypatch)
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        cache = ViewerCache(database, RateLimits(None, "test"), lambda: hears, max_bytes=100_000)
        assert (await cache.get(claims, "192.0.2.1")).role is Role.LEARNER
        await execute(writable_database_url, MAKE_EDITOR)
        clock.now += age - 0.001
        assert (await cache.get(claims, "192.0.2.1")).role is Role.LEARNER
        clock.now += 0.001
        assert (await cache.get(claims, "192.0.2.1")).role is Role.EDITOR
    assert DISCONNECTED_TTL_SECONDS <= 1


@pytest.mark.parametrize("notification", ["of the account", "of many accounts", "that some may have been missed"])
async def test_viewer_read_before_a_change_is_not_cached_after_it(
    writable_database_url: str, claims: Claims, monkeypatch: pytest.MonkeyPatch, notification: str
) -> None:
    async with open_database(writable_database_url, min_size=1, max_size=2) as database:
        cache = ViewerCache(database, RateLimits(None, "test"), lambda: True, max_bytes=100_000)
        is_overtaken = False

        async def read_and_overtake(*arguments: Any) -> Any:
            """The change is committed and received after the row was read and before it is returned."""
            nonlocal is_overtaken
            [account] = await find_accounts(*arguments)
            if not is_overtaken:
                is_overtaken = True
                assert isinstance(account, Account)
                await execute(writable_database_url, MAKE_EDITOR)
                if notification == "that some may have been missed":
                    cache.on_connect()
                else:
                    cache.on_change(
                        Change("users", {"id": [str(account.viewer.id)]} if notification == "of the account" else None)
                    )
            return [account]

        monkeypatch.setattr(account_look_ups, "find_accounts", read_and_overtake)
        assert (await cache.get(claims, "192.0.2.1")).role is Role.LEARNER
        assert (await cache.get(claims, "192.0.2.1")).role is Role.EDITOR


async def test_listener_is_not_current_after_silent_connection_loss(content_database_url: str) -> None:
    async with proxy_to(content_database_url) as proxy, open_listener(proxy.url) as changes, asyncio.timeout(30):
        await changes.listening.wait()
        assert changes.is_current
        proxy.stall()
        was_listening = True
        while changes.is_current:
            was_listening = changes.listening.is_set()
            await asyncio.sleep(0.01)
        # Before the loss is detected.
        assert was_listening
        proxy.recover()
        # The time-out of the test ends this, too.
        while not changes.is_current:
            await changes.listening.wait()
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_idle_streams_of_a_deleted_account_end(
    writable_database_url: str, redis_url: str, transport: str
) -> None:
    async with (
        stream_server(writable_database_url, redis_url, stream_keepalive_seconds=0.02) as server,
        server.stream(transport, DASHBOARD) as events,
        asyncio.timeout(30),
    ):
        assert (await anext(events)).data
        await execute_and_notify(writable_database_url, DELETE)
        async for event in events:
            if event.codes:
                break
        assert event.codes == ["ACCOUNT_DELETED"]
        assert [event async for event in events] in ([COMPLETE], [])


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize(("change", "codes"), [(BLOCK, ["ACCOUNT_BLOCKED"]), (MAKE_EDITOR, None)])
async def test_change_of_the_account_ends_its_idle_streams(
    writable_database_url: str, redis_url: str, transport: str, change: str, codes: list[str] | None
) -> None:
    """Not at the next keep-alive only. A stream that was opened with another role is opened again by its client."""
    async with (
        stream_server(writable_database_url, redis_url, stream_keepalive_seconds=600) as server,
        server.stream(transport, DASHBOARD) as events,
        asyncio.timeout(30),
    ):
        assert (await anext(events)).data
        # Neither a change of another account nor of the name.
        await execute_and_notify(
            writable_database_url,
            "update users set role = 'learner' where subject = 'editor';"
            "update users set display_name = 'Haru' where subject = 'demo'",
        )
        assert server.streams == 1
        await execute_and_notify(writable_database_url, change)
        received: list[Event] = []
        # A WebSocket is closed with all of its operations if one has to be opened again.
        with suppress(ConnectionClosedError):
            received.extend([event async for event in events])
    if codes is None:
        assert received == []
    else:
        assert [event.codes for event in received if event.body] == [codes]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (BLOCK, "ACCOUNT_BLOCKED: This account is blocked: Spam"),
        (DELETE, "ACCOUNT_DELETED: This account was deleted and is erased on "),
    ],
)
async def test_refused_account_opens_no_socket(
    writable_database_url: str, redis_url: str, change: str, reason: str
) -> None:
    async with stream_server(writable_database_url, redis_url) as server:
        await execute_and_notify(writable_database_url, change)
        with pytest.raises(ConnectionClosedError) as closed:
            async with server.stream(WEBSOCKET, DASHBOARD) as events:
                await anext(events)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403
    assert closed.value.rcvd.reason.startswith(reason)


async def test_triggers_notify_about_role_and_deletion(writable_database_url: str) -> None:
    url = writable_database_url
    [demo] = await column(url, "select id from users where subject = 'demo'")
    received: list[Change] = []
    listener = SimpleNamespace(
        on_change=received.append, on_disconnect=lambda: None, on_connect=lambda: None, drain=_nothing
    )
    insert = "insert into users (id, subject, email, display_name, role) select gen_random_uuid(), n::text, '', 'x', {}"
    async with open_listener(url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        with changes.add_listener(listener):
            for statement, expected in (
                ("update users set display_name = 'x', email = 'x@shinjp.example', updated_at = now()", []),
                ("update users set role = role, deleted_at = deleted_at", []),
                (insert.format("'learner' from generate_series(1, 200) as n"), []),
                ("update users set last_active_at = now(), clients = '{}', locale = 'ja'", []),
                (BLOCK, [Change("users", {"id": [str(demo)]})]),
                (MAKE_EDITOR, [Change("users", {"id": [str(demo)]})]),
                (MAKE_EDITOR, []),
                ("update users set deleted_at = now() where email = ''", [Change("users", None)]),
                ("delete from users where subject = '1'", ["one"]),
                (f"delete from users where id = '{uuid4()}'", []),
                ("truncate users cascade", [Change("users", None)]),
            ):
                received.clear()
                await execute(url, statement)
                assert await changes.wait_for_all()
                found = [change for change in received if change.table == "users"]
                if expected == ["one"]:
                    assert [len((change.keys or {})["id"]) for change in found] == [1]
                else:
                    assert found == expected, statement


async def _nothing() -> None:
    """Does nothing."""


async def test_running_exports_of_a_blocked_account_end(
    writable_database_url: str, redis_url: str, tmp_path: Path
) -> None:
    """Those by a job are cancelled, and those that are streamed are aborted."""
    async with stream_server(writable_database_url, redis_url, export_dir=tmp_path) as server, asyncio.timeout(60):
        client = server.client
        [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
        job = (await client.run(EXPORT, user="demo")).data["requestExport"]["job"]["id"]
        # More rows than the buffers between the database and a client that does not read.
        await execute(
            writable_database_url,
            f"""
            insert into reviews (id, reviewed_at, user_id, card_id, idempotency_key, quality, interval_days_before,
                    interval_days_after, day)
                select gen_random_uuid(), now(), '{demo}', (select min(id::text)::uuid from cards
                    where user_id = '{demo}'), repeat('k', 200) || number, 4, 1, 2, current_date
                from generate_series(1, 60000) as number
            """,
        )
        headers = {"Authorization": f"Bearer {client.token('demo')}", "Accept-Encoding": "identity"}
        received = 0
        async with (
            httpx.AsyncClient(base_url=f"http://{server.address}", timeout=60) as reader,
            reader.stream("GET", "/exports/reviews.csv", headers=headers) as response,
        ):
            chunks = response.aiter_bytes()
            received += len(await anext(chunks))
            blocked = await client.run(BLOCK_USER, {"id": global_id("User", demo)}, user="admin")
            assert blocked.data["blockUser"]["errors"] == []
            with suppress(httpx.RemoteProtocolError):
                async for chunk in chunks:
                    received += len(chunk)
        assert 0 < received < 60_000 * 200
        [status] = await column(writable_database_url, f"select status from jobs where id = '{id_of(job)}'")
        assert status == "CANCELLED"
