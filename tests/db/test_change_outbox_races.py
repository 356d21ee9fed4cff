"""Concurrent transactions, flushes and lost leaders: each listener receives what is committed while it is connected."""

import asyncio
import random
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from db.core.changes import Change
from db.core.database import owner_connection
from db.notify.listener import APPLICATION_NAME, NotificationListener, open_listener
from tests.databases import SEND_CHANGES, column, execute

WRITERS, TRANSACTIONS, LISTENERS = 6, 40, 3
INSERT = "insert into change_outbox (table_name, user_ids) values ('cards', array[$1::uuid])"
SESSIONS = f"""
    select pid from pg_stat_activity where application_name = '{APPLICATION_NAME}' and datname = current_database()
"""
KILL = f"select pid from ({SESSIONS} order by random() limit 1) as one where pg_terminate_backend(pid)"


class Received:
    """The owners in notifications since the last connection."""

    def __init__(self) -> None:
        self.owners: set[UUID] = set()
        self.connected_at = 0.0

    def on_change(self, change: Change) -> None:
        self.owners |= set(map(UUID, (change.keys or {})["user_id"]))

    def on_disconnect(self) -> None:
        self.owners.clear()

    def on_connect(self) -> None:
        self.connected_at = time.monotonic()

    async def drain(self) -> None:
        """Recording is immediate."""


class Writer:
    """`committed`: owners with the times at which their commits began. `killed`: terminated sessions of listeners."""

    def __init__(self, connection: asyncpg.Connection, listener: NotificationListener, seed: int) -> None:
        self._connection, self._listener, self._random = connection, listener, random.Random(seed)
        self.committed: dict[UUID, float] = {}
        self.killed: set[int] = set()

    async def run(self, *, kills: bool) -> None:
        """Commit most of the transactions. `kills`: and terminate sessions of listeners between them."""
        for number in range(TRANSACTIONS):
            if kills and number % 10 == 4:
                self.killed |= {row["pid"] for row in await self._connection.fetch(KILL)}
            owner, transaction = uuid4(), self._connection.transaction()
            await transaction.start()
            await self._connection.execute(INSERT, owner)
            # Others commit later transactions meanwhile.
            await asyncio.sleep(self._random.choice((0, 0, 0.01, 0.05)))
            if self._random.random() < 0.2:
                await transaction.rollback()
                continue
            committing_at = time.monotonic()
            await transaction.commit()
            self.committed[owner] = committing_at
            if self._random.random() < 0.5:
                self._listener.on_commit()


@pytest.mark.parametrize("seed", range(3))
async def test_no_committed_change_is_missed(writable_database_url: str, seed: int) -> None:
    url, all_received = writable_database_url, [Received() for _ in range(LISTENERS)]
    # Of the content.
    await execute(url, SEND_CHANGES)
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        listeners = [
            await stack.enter_async_context(open_listener(url, heartbeat=timedelta(seconds=0.2))) for _ in all_received
        ]
        for listener, received in zip(listeners, all_received, strict=True):
            stack.enter_context(listener.add_listener(received))
        writers = [
            Writer(await stack.enter_async_context(owner_connection(url)), listeners[number % LISTENERS], seed + number)
            for number in range(WRITERS)
        ]
        async with asyncio.TaskGroup() as group:
            for number, writer in enumerate(writers):
                group.create_task(writer.run(kills=number == 0))
        # Another process would flush what these have missed.
        while len(set(await column(url, SESSIONS)) - writers[0].killed) < LISTENERS:  # noqa: ASYNC110  # no event
            await asyncio.sleep(0.01)
        await listeners[0].listening.wait()
        assert await listeners[0].wait_for_all()
        assert await column(url, "select count(*) from change_outbox") == [0]
        for received in all_received:
            expected = {
                owner
                for writer in writers
                for owner, committing_at in writer.committed.items()
                if committing_at > received.connected_at
            }
            assert expected - received.owners == set()
        committed = {owner for writer in writers for owner in writer.committed}
        assert set().union(*(received.owners for received in all_received)) <= committed
