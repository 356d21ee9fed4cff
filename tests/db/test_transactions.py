"""Conflicting transactions are retried and are atomic."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from sqlalchemy import text

from db.core.changes import Change
from db.core.database import Database, open_database
from db.core.recent_changes import RecentChanges
from db.core.statement import Command, Row
from db.core.transaction import ATTEMPTS, Transaction, run_transaction
from domain.enums import Role
from domain.errors import ServiceUnavailable
from domain.ids import UserId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from tests.databases import column, execute
from tests.tcp_proxy import proxy_to

TWO_CARDS = "select cards.id from cards join users on users.id = user_id where subject = 'demo' order by 1 limit 2"


@pytest.fixture
async def writable(writable_database_url: str) -> AsyncIterator[Database]:
    async with open_database(writable_database_url, min_size=1, max_size=5) as database:
        yield database


@pytest.fixture
async def demo(writable_database_url: str) -> Viewer:
    [id] = await column(writable_database_url, "select id from users where subject = 'demo'")
    return Viewer(id, Role.LEARNER)


async def run(database: Database, viewer: Viewer, work: Any) -> Any:
    return await run_transaction(database, viewer, datetime.now(UTC), "request", RequestStatistics(), work)


def raise_lapses(card_id: UUID) -> Command[Row]:
    return Command(text(f"update cards set lapses = lapses + 1 where id = '{card_id}'"), Row)


async def test_deadlock_is_retried(writable: Database, demo: Viewer, writable_database_url: str) -> None:
    first, second = await column(writable_database_url, TWO_CARDS)
    lapses = f"select sum(lapses) from cards where id in ('{first}', '{second}')"
    [before] = await column(writable_database_url, lapses)
    barrier = asyncio.Barrier(2)
    attempts = 0

    async def work(transaction: Transaction, one: UUID, other: UUID) -> None:
        nonlocal attempts
        attempts += 1
        await transaction.rows(raise_lapses(one))
        if attempts <= 2:
            # Each has locked one card, and waits for the other's.
            await barrier.wait()
        await transaction.rows(raise_lapses(other))

    await asyncio.gather(
        run(writable, demo, lambda transaction: work(transaction, first, second)),
        run(writable, demo, lambda transaction: work(transaction, second, first)),
    )
    assert attempts == 3
    assert await column(writable_database_url, lapses) == [before + 4]


async def test_retries_are_limited(writable: Database, demo: Viewer) -> None:
    attempts = 0

    async def work(_: Transaction) -> None:
        nonlocal attempts
        attempts += 1
        raise asyncpg.SerializationError("could not serialize access")

    with pytest.raises(ServiceUnavailable, match="please retry"):
        await run(writable, demo, work)
    assert attempts == ATTEMPTS


async def test_exception_rolls_back(writable: Database, demo: Viewer, writable_database_url: str) -> None:
    card, _ = await column(writable_database_url, TWO_CARDS)
    lapses = f"select lapses from cards where id = '{card}'"
    before = await column(writable_database_url, lapses)

    async def work(transaction: Transaction) -> None:
        await transaction.rows(raise_lapses(card))
        raise KeyError("something else")

    with pytest.raises(KeyError):
        await run(writable, demo, work)
    assert await column(writable_database_url, lapses) == before
    # The connection is usable, without a viewer.
    async with writable.connection() as connection:
        assert await connection.fetchval("select current_setting('app.user_id', true)") in ("", None)


async def test_broken_connection_frees_its_slot(demo: Viewer, writable_database_url: str) -> None:
    async def work(transaction: Transaction) -> None:
        await column(
            writable_database_url,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shinjp'"
            " and datname = current_database()",
        )
        await transaction.rows(raise_lapses(UUID(int=0)))

    async with open_database(writable_database_url, min_size=0, max_size=1, timeout=60) as database:
        with pytest.raises(ServiceUnavailable):
            await run(database, demo, work)
        assert (await database.probe()).latency_ms > 0


TERMINATE = """
    select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'shinjp'
        and datname = current_database()
"""


async def test_transaction_is_retried_while_a_replica_may_be_promoted(demo: Viewer, writable_database_url: str) -> None:
    [card] = await column(writable_database_url, TWO_CARDS.replace("limit 2", "limit 1"))
    attempts: list[None] = []

    async def work(transaction: Transaction) -> None:
        attempts.append(None)
        if len(attempts) == 1:
            await column(writable_database_url, TERMINATE)
        await transaction.rows(raise_lapses(card))

    changes, lapses = RecentChanges(60), f"select lapses from cards where id = '{card}'"
    [before] = await column(writable_database_url, lapses)
    async with open_database(writable_database_url, min_size=0, max_size=1, recent_changes=changes) as database:
        started_at = time.monotonic()
        await run(database, demo, work)
    assert len(attempts) == 2
    assert await column(writable_database_url, lapses) == [before + 1]
    # The viewer reads from the primary until replicas have the write.
    assert changes.of(demo.id) >= started_at > changes.of(None)


async def test_replicas_without_a_change_are_not_read_before_streams_are_woken(
    demo: Viewer, writable_database_url: str
) -> None:
    """Their clients may read what has changed, of any user, before the database notifies the process."""
    other, changes = UserId(uuid4()), RecentChanges(60)
    found: list[float] = []

    async def on_commit(committed: list[Change] | None) -> None:
        found.extend((changes.of(demo.id), changes.of(other), changes.of(None)))

    async def run_with(recorded: str) -> list[float]:
        async def work(transaction: Transaction) -> None:
            with transaction.raw_connection() as connection:
                await connection.execute(f"select set_config('app.changes', '{recorded}', true)")

        found.clear()
        started_at = time.monotonic()
        await run_transaction(database, demo, datetime.now(UTC), "test", RequestStatistics(), work, on_commit)
        return [moment >= started_at for moment in found]

    async with open_database(writable_database_url, min_size=0, max_size=1, recent_changes=changes) as database:
        assert await run_with(f'{{"table":"cards","keys":{{"user_id":["{other}"]}}}}\n') == [True, True, False]
        assert await run_with('{"table":"books","keys":"many"}\n') == [True, True, True]


async def test_lost_commit_is_not_retried(demo: Viewer, writable_database_url: str) -> None:
    """The transaction may have been committed: only the client knows whether it may be sent again."""
    await execute(
        writable_database_url,
        """
        create function die() returns trigger language plpgsql security definer as
            'begin perform pg_terminate_backend(pg_backend_pid()); return null; end';
        create constraint trigger die after update on cards deferrable initially deferred
            for each row execute function die();
        """,
    )
    [card] = await column(writable_database_url, TWO_CARDS.replace("limit 2", "limit 1"))
    attempts: list[None] = []

    async def work(transaction: Transaction) -> None:
        attempts.append(None)
        await transaction.rows(raise_lapses(card))

    changes = RecentChanges(60)
    async with open_database(writable_database_url, min_size=0, max_size=1, recent_changes=changes) as database:
        started_at = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            await run(database, demo, work)
    assert len(attempts) == 1
    assert changes.of(demo.id) >= started_at


async def test_statement_times_out_when_the_server_is_gone(content_database_url: str) -> None:
    """Even though asyncpg would wait forever for the acknowledgement of a cancellation."""
    async with (
        proxy_to(content_database_url) as proxy,
        open_database(proxy.url, min_size=0, max_size=1) as database,
        asyncio.timeout(30),
    ):
        sent = asyncio.Event()

        async def ask() -> None:
            async with database.transaction("begin") as connection:
                sent.set()
                await connection.execute("select pg_sleep(60)")

        asking = asyncio.create_task(ask())
        await sent.wait()
        await until_asleep(content_database_url)
        proxy.stall()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        proxy.recover()
        # The pool replaces its only connection.
        assert (await database.probe()).latency_ms > 0


async def until_asleep(url: str) -> None:
    statement = "select 1 from pg_stat_activity where query = 'select pg_sleep(60)' and state = 'active'"
    while not await column(url, statement):  # noqa: ASYNC110  # there is no event for it
        await asyncio.sleep(0.01)
