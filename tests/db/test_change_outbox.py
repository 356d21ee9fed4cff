"""Changes of personal rows are written to an outbox, from which one process notifies all of them in batches."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from db.core.advisory_locks import FLUSHER_LOCK
from db.core.changes import Change
from db.core.database import APPLICATION_ROLE, owner_connection
from db.migrations import upgrade
from db.notify.change_flusher import ChangeFlusher
from db.notify.listener import CHANGES_CHANNEL, open_listener
from server.dev_servers import postgresql
from tests.databases import SEND_CHANGES, column, execute
from tests.postgres_cluster import cluster_url, kill_and_start, start
from tests.tcp_proxy import proxy_to

NEVER = timedelta(hours=1)
DEMO = "select id from users where subject = 'demo'"
WRITE = f"update review_days set reviews = reviews where user_id = ({DEMO})"
LEADER = f"""
    select pid from pg_locks join pg_database on pg_database.oid = database
    where locktype = 'advisory' and granted and objid = {FLUSHER_LOCK} and datname = current_database()
"""
# Owners without a row that are written nevertheless.
INSERT = "insert into change_outbox (table_name, user_ids) select '{}', array[gen_random_uuid()]"


@asynccontextmanager
async def emptied_outbox(url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection. The content was loaded while no process listened."""
    async with owner_connection(url) as connection:
        await connection.execute(SEND_CHANGES)
        yield connection


@asynccontextmanager
async def receiving(url: str) -> AsyncIterator[tuple[asyncpg.Connection, list[dict[str, Any]]]]:
    """A connection, and the notifications that it has received when it has executed another statement."""
    async with emptied_outbox(url) as connection:
        received: list[dict[str, Any]] = []
        await connection.add_listener(CHANGES_CHANNEL, lambda *arguments: received.append(json.loads(arguments[-1])))
        yield connection, received


async def test_personal_write_notifies_after_its_transaction(writable_database_url: str) -> None:
    [demo] = await column(writable_database_url, DEMO)
    async with receiving(writable_database_url) as (connection, received):
        for _ in range(2):
            await connection.execute(WRITE)
        assert received == []
        await ChangeFlusher(connection, 1).flush()
        assert received == [{"table": "review_days", "keys": {"user_id": [str(demo)]}}]
        assert await connection.fetchval("select count(*) from change_outbox") == 0


async def test_no_trigger_of_a_personal_table_notifies(owner: asyncpg.Connection) -> None:
    """Those of accounts, of new e-mails and of deliveries do: they are rare, and others wait for them."""
    tables = await owner.fetch(
        """
        select distinct relname from pg_trigger
        join pg_class on pg_class.oid = tgrelid join pg_proc on pg_proc.oid = tgfoid
        where not tgisinternal and prosrc ~ 'tell_change\\(|pg_notify' and exists (
            select from pg_attribute where attrelid = tgrelid and attname = 'user_id' and not attisdropped
        )
        """
    )
    assert {row[0] for row in tables} == {"emails"}


async def test_repeated_statements_of_a_transaction_are_recorded_once(writable_database_url: str) -> None:
    """Those of a savepoint that is rolled back are not."""
    async with emptied_outbox(writable_database_url) as connection:
        count = "select count(*) from change_outbox"
        async with connection.transaction():
            savepoint = connection.transaction()
            await savepoint.start()
            await connection.execute(WRITE)
            assert await connection.fetchval(count) == 1
            await savepoint.rollback()
            assert await connection.fetchval(count) == 0
            for _ in range(2):
                await connection.execute(WRITE)
            assert await connection.fetchval(count) == 1


async def test_change_that_is_committed_after_later_ones_is_sent(writable_database_url: str) -> None:
    async with (
        receiving(writable_database_url) as (connection, received),
        owner_connection(writable_database_url) as early,
    ):
        flusher = ChangeFlusher(connection, 1)
        for first, second in (("early", "late"), ("earlier", "later")):
            transaction = early.transaction()
            await transaction.start()
            await early.execute(INSERT.format(first))
            await connection.execute(INSERT.format(second))
            await flusher.flush()
            await flusher.flush()
            await transaction.commit()
            await flusher.flush()
            assert [change["table"] for change in received] == [second, first]
            received.clear()


async def test_many_changes_are_sent_in_batches(writable_database_url: str) -> None:
    """A flush of all of them would take longer than a heartbeat. Acknowledgements wait for all."""
    count = "select count(*) from change_outbox"
    async with (
        receiving(writable_database_url) as (connection, received),
        owner_connection(writable_database_url) as early,
    ):
        transaction = early.transaction()
        await transaction.start()
        await early.execute(INSERT.format("early"))
        for table, number in (("cards", 9_999), ("review_days", 1), ("reading_progress", 2), ("user_settings", 1)):
            await connection.execute(f"{INSERT.format(table)} from generate_series(1, {number})")
        flusher = ChangeFlusher(connection, 1)
        await flusher.flush()
        assert {change["table"] for change in received} == {"cards", "review_days"}
        assert await connection.fetchval(count) == 3
        await transaction.commit()
        await flusher.flush()
        assert {change["table"] for change in received[2:]} == {"early", "reading_progress", "user_settings"}
        await connection.execute(f"{INSERT.format('cards')} from generate_series(1, 10001)")
        await connection.execute("set application_name = 'listener'")
        await flusher.request_acknowledgements("request", "listener")
        assert await connection.fetchval(count) == 0


async def test_batches_fit_into_notifications(writable_database_url: str) -> None:
    """A hundred owners in each, and none of a table of which too many have changed."""
    jobs = """
        insert into change_outbox (table_name, user_ids, job_ids)
            select 'job_events', $1, array_agg(gen_random_uuid()) from generate_series(1, 100)
    """
    async with receiving(writable_database_url) as (connection, received):
        await connection.execute(INSERT.format("cards") + " from generate_series(1, 250)")
        await connection.execute(INSERT.format("review_days") + " from generate_series(1, 1001)")
        for users in ([], [uuid4()]):
            await connection.execute(jobs, users)
        await ChangeFlusher(connection, 1).flush()
    sizes: dict[str, list[int]] = {}
    for message in received:
        assert len(json.dumps(message)) < 8_000
        change = Change.from_message(message)
        sizes.setdefault(change.table, []).append(sum(map(len, (change.keys or {}).values())))
    assert {table: sorted(found) for table, found in sizes.items()} == {
        "cards": [50, 100, 100],
        "review_days": [0],
        "job_events": [1, 100, 100],
    }


async def test_learner_writes_the_outbox_by_triggers_only(writable_database_url: str) -> None:
    async with emptied_outbox(writable_database_url) as connection:
        demo = await connection.fetchval(DEMO)
        async with connection.transaction():
            await connection.execute(f"set local role {APPLICATION_ROLE}")
            await connection.execute("select set_config('app.user_id', $1, true)", str(demo))
            await connection.execute("update review_days set reviews = reviews")
        assert await connection.fetchval("select user_ids from change_outbox") == [demo]
        await connection.execute(f"set role {APPLICATION_ROLE}")
        for statement in (INSERT.format("cards"), "table change_outbox", "table change_acknowledgements"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def leader(url: str, *, former: int | None = None) -> int:
    """Waits until a session flushes the outbox, another than the former one. Returns its process id."""
    async with asyncio.timeout(30):
        while (pids := await column(url, LEADER)) in ([], [former]):  # noqa: ASYNC110  # it sends no event
            await asyncio.sleep(0.01)
    [pid] = pids
    return int(pid)


async def test_another_process_replaces_the_leader(writable_database_url: str) -> None:
    heartbeat = timedelta(seconds=0.1)
    async with (
        open_listener(writable_database_url, heartbeat=heartbeat),
        open_listener(writable_database_url, heartbeat=heartbeat),
    ):
        first = await leader(writable_database_url)
        await execute(writable_database_url, f"select pg_terminate_backend({first})")
        await leader(writable_database_url, former=first)


async def test_changes_are_sent_while_the_leader_hangs(writable_database_url: str) -> None:
    [demo] = await column(writable_database_url, DEMO)
    async with (
        proxy_to(writable_database_url) as proxy,
        open_listener(proxy.url, heartbeat=NEVER),
        asyncio.timeout(60),
    ):
        first = await leader(writable_database_url)
        async with open_listener(writable_database_url, heartbeat=timedelta(seconds=0.2)) as other:
            with other.subscribe("review_days", demo) as changed:
                proxy.stall()
                for _ in range(2):
                    await execute(writable_database_url, WRITE)
                    await changed.wait()
                    changed.clear()
            assert await leader(writable_database_url) == first


@pytest.mark.parametrize("writes", ["the leader", "another process"])
async def test_idle_leader_becomes_active_with_a_write(writable_database_url: str, writes: str) -> None:
    """Without a heartbeat. Then it sends what others write by SQL, too."""
    [demo] = await column(writable_database_url, DEMO)
    async with open_listener(writable_database_url, heartbeat=NEVER) as one, asyncio.timeout(60):
        await leader(writable_database_url)
        async with open_listener(writable_database_url, heartbeat=NEVER) as another:
            writer, reader = (one, another) if writes == "the leader" else (another, one)
            with reader.subscribe("review_days", demo) as changed, writer.subscribe("review_days", demo) as own:
                await execute(writable_database_url, WRITE)
                writer.on_commit([Change("review_days", {"user_id": [str(demo)]})])
                # Streams of the process that has written do not wait for the notification.
                assert own.is_set()
                await changed.wait()
                changed.clear()
                await execute(writable_database_url, WRITE)
                await changed.wait()


@pytest.mark.parametrize("processes", [1, 4])
async def test_acknowledgements_grow_with_the_number_of_processes(content_database_url: str, processes: int) -> None:
    """Each process receives two notifications, instead of one from every other process."""
    async with receiving(content_database_url) as (connection, received), AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(open_listener(content_database_url)) for _ in range(processes)]
        assert await listeners[0].wait_for_all()
        await connection.execute("select 1")
        assert [list(message) for message in received] == [["ask"], ["acknowledged"]]
        assert await connection.fetchval("select count(*) from change_acknowledgements") == 0


async def test_crash_empties_the_outbox_and_disconnects_all_listeners(tmp_path: Path) -> None:
    """What was not sent is lost, and streams are woken to read the present rows."""
    await start(tmp_path)
    url = cluster_url(tmp_path)
    try:
        await asyncio.to_thread(upgrade, url)
        async with open_listener(url, heartbeat=NEVER) as listener, asyncio.timeout(60):
            await leader(url)
            with listener.subscribe("cards", uuid4()) as changed:
                await execute(url, INSERT.format("review_days"))
                await kill_and_start(tmp_path)
                await changed.wait()
            assert await column(url, "select table_name from change_outbox") == []
    finally:
        await asyncio.to_thread(postgresql.stop, tmp_path)
