"""Each domain event is handled once, by any worker, and is retried after a failure."""

import asyncio
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from db.core.database import owner_connection
from db.notify.domain_events import EVENTS_CHANNEL, Event
from domain.enums import EventKind
from jobs.events import HANDLERS, _handle_all, _nothing_is_due, handle_events, handle_waiting_events
from jobs.outbox_loop import _listen
from tests.clients import client_of
from tests.databases import column
from tests.notifications import notified_columns
from tests.processes import START_SECONDS, command_process

CREATE = """
    mutation { createBook(input: {
        title: "新しい本", author: "作者", description: "New.", jlptLevel: N3, pageCount: 10, publish: true
    }) { errors { code } } }
"""
STATISTICS = "select book_count from jlpt_content_stats where jlpt_level = 'N3'"
PUBLISH = (
    "insert into events (id, kind, entity_id) values (gen_random_uuid(), 'BOOK_FIRST_PUBLISHED', gen_random_uuid())"
)


# A column of each table whose triggers notify of changes.
COLUMNS = {table: columns[0] for table, columns in notified_columns().items() if columns and table != "cache"}


async def test_published_book_is_counted_immediately(
    writable_database_url: str, redis_url: str, connection: Any
) -> None:
    before = await connection.fetchval(STATISTICS)
    async with client_of(writable_database_url, redis_url) as client:
        assert (await client.run(CREATE, user="editor")).data["createBook"]["errors"] == []
    [event] = await handle_waiting_events(connection, HANDLERS)
    assert event.kind is EventKind.BOOK_FIRST_PUBLISHED
    assert await connection.fetchval(STATISTICS) == before + 1
    assert await handle_waiting_events(connection, HANDLERS) == []


async def test_first_sign_in_is_recorded_once(writable_database_url: str, redis_url: str, connection: Any) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        await asyncio.gather(*(client.run("{ viewer { email } }", user="new") for _ in range(5)))
        await client.run("{ viewer { email } }", user="demo")
        assert [event.kind for event in await handle_waiting_events(connection, HANDLERS)] == [
            EventKind.LEARNER_FIRST_SIGNED_IN
        ]
        query = "{ admin { auditLog(first: 5) { nodes { action entity actor { id } entityId } } } }"
        # The first one is this look at the log.
        [_, entry] = (await client.run(query, user="admin")).data["admin"]["auditLog"]["nodes"]
        welcomed = (await client.run("{ viewer { notifications { nodes { kind } } } }", user="new")).data["viewer"]
    assert (entry["action"], entry["entity"], entry["actor"]["id"]) == ("signUp", "User", entry["entityId"])
    assert welcomed["notifications"]["nodes"] == [{"kind": "WELCOME"}]


async def test_failed_event_is_retried_without_blocking_others(connection: Any) -> None:
    for _ in range(3):
        await connection.execute(PUBLISH)
    [broken] = await connection.fetch("select id from events order by at, id limit 1")
    tried: list[UUID] = []

    async def handler(connection: "asyncpg.Connection", event: Event) -> None:
        await connection.execute("insert into periodic_work (name, done_at) values ($1, now())", str(event.id))
        tried.append(event.id)
        if event.id == broken["id"] and len(tried) <= 3:
            raise ValueError("not yet")

    handlers = {EventKind.BOOK_FIRST_PUBLISHED: handler}
    assert len(await handle_waiting_events(connection, handlers)) == 2
    assert tried[0] == broken["id"]
    # The writes of a failed handler are rolled back.
    assert await connection.fetchval("select 1 from periodic_work where name = $1", str(broken["id"])) is None
    [again] = await handle_waiting_events(connection, handlers)
    assert again.id == broken["id"]


async def test_workers_share_events(writable_database_url: str, connection: Any) -> None:
    for _ in range(20):
        await connection.execute(PUBLISH)
    handled: list[UUID] = []

    async def handler(_: "asyncpg.Connection", event: Event) -> None:
        handled.append(event.id)

    async def work() -> None:
        async with owner_connection(writable_database_url) as connection:
            await handle_waiting_events(connection, {EventKind.BOOK_FIRST_PUBLISHED: handler})

    await asyncio.gather(*(work() for _ in range(4)))
    assert len(handled) == len(set(handled)) == 20


async def test_worker_receives_events_after_a_lost_connection(writable_database_url: str, connection: Any) -> None:
    started: asyncio.Queue[UUID] = asyncio.Queue()
    stopping = asyncio.Event()

    async def handler(_: "asyncpg.Connection", event: Event) -> None:
        started.put_nowait(event.id)

    async def publish_and_wait() -> None:
        """Publishes an event and waits until it is being handled. An interrupted event is retried before it."""
        id = await connection.fetchval(f"{PUBLISH} returning id")
        while await started.get() != id:
            pass

    async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        tasks.create_task(handle_events(writable_database_url, stopping, {EventKind.BOOK_FIRST_PUBLISHED: handler}))
        await publish_and_wait()
        for _ in range(4):
            await publish_and_wait()
            # While it is handled, or right after.
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        await publish_and_wait()
        stopping.set()
    assert await column(writable_database_url, "select 1 from events where handled_at is null") == []


async def test_worker_command_handles_events(writable_database_url: str, connection: Any) -> None:
    await connection.execute(PUBLISH)
    async with (
        command_process("worker", DATABASE_URL=writable_database_url) as process,
        asyncio.timeout(START_SECONDS),
    ):
        async for line in process.stderr:
            if b"event handled" in line:
                process.terminate()
        assert await process.wait() == 0


async def test_only_new_events_notify_the_channel(writable_database_url: str, connection: Any) -> None:
    """Once per statement, and neither for handled events nor for other tables."""
    received: list[str] = []
    await connection.add_listener(EVENTS_CHANNEL, lambda *arguments: received.append(arguments[-1]))
    async with owner_connection(writable_database_url) as other:
        await other.execute(PUBLISH)
        await other.execute(
            "insert into events (id, kind, entity_id) select gen_random_uuid(), 'BOOK_FIRST_PUBLISHED',"
            " gen_random_uuid() from generate_series(1, 500)"
        )
        await other.execute("update events set handled_at = now(); insert into events select * from events limit 0")
        for table, column_ in COLUMNS.items():
            await other.execute(f"update {table} set {column_} = {column_}")
        await other.execute(f"select pg_notify('{EVENTS_CHANNEL}', 'the end')")
    async with asyncio.timeout(60):
        while "the end" not in received:
            # Notifications arrive with the next response of the server.
            await connection.execute("select 1")
    assert received == ["", "", "the end"]


async def test_worker_does_not_query_events_after_other_changes(writable_database_url: str, connection: Any) -> None:
    looked: list[str] = []
    handled = asyncio.Event()
    stopping = asyncio.Event()

    async def handler(_: "asyncpg.Connection", __: Event) -> None:
        handled.set()

    def note(record: Any) -> None:
        if "from events" in record.query:
            looked.append(record.query)

    async with owner_connection(writable_database_url) as listening, asyncio.timeout(30), asyncio.TaskGroup() as tasks:
        listening.add_query_logger(note)
        handle = partial(_handle_all, handlers={EventKind.BOOK_FIRST_PUBLISHED: handler})
        tasks.create_task(_listen(listening, EVENTS_CHANNEL, stopping, handle, _nothing_is_due))
        while not looked:  # noqa: ASYNC110  # nothing tells that it listens
            await asyncio.sleep(0)
        for _ in range(50):
            await connection.execute(
                "update cards set lapses = lapses where id = (select id from cards order by random() limit 1)"
            )
            # Notifications are ordered: all of them are received before that of the event.
            await asyncio.sleep(0)
        await connection.execute(PUBLISH)
        await handled.wait()
        stopping.set()
    # One query at the start; one that finds the event, and one that finds no other.
    assert len(looked) == 3


async def test_sign_in_event_of_deleted_account(writable_database_url: str, connection: Any) -> None:
    await connection.execute(
        "insert into events (id, kind, entity_id)"
        " values (gen_random_uuid(), 'LEARNER_FIRST_SIGNED_IN', gen_random_uuid())"
    )
    assert len(await handle_waiting_events(connection, HANDLERS)) == 1
