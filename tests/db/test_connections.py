"""The connection pool serves waiters in order and leaks no slot under failures, cancellations and outages."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from db.core.database import owner_connection
from db.core.errors import DATABASE_ERRORS
from db.core.pool import ConnectionPool
from domain.errors import ServiceUnavailable
from tests.databases import execute
from tests.tcp_proxy import proxy_to

LIMIT = 3
USERS = 25
TURNS = 40
# Never reached by a correct pool: a waiter that times out was overtaken or forgotten.
TIMEOUT_SECONDS = 30.0


@asynccontextmanager
async def pool_of(url: str, *, limit: int = LIMIT, timeout: float = TIMEOUT_SECONDS) -> AsyncIterator[ConnectionPool]:
    name = f"pool {uuid4().hex[:8]}"
    pool = await asyncpg.create_pool(url, min_size=0, max_size=limit, server_settings={"application_name": name})
    connections = ConnectionPool(pool, limit, timeout)
    try:
        yield connections
    finally:
        async with asyncio.timeout(60):
            await connections.close()
            await pool.close()


async def check_nothing_is_lost(connections: ConnectionPool) -> None:
    """Asserts that exactly `max_size` connections can be leased at the same time."""
    leased = await asyncio.gather(*(connections.acquire() for _ in range(connections.limit)))
    assert len({id(connection) for connection in leased}) == connections.limit
    assert connections.is_full
    assert connections.idle == 0
    assert connections.size == connections.limit
    for connection in leased:
        assert await connection.fetchval("select 1") == 1
        await connections.release(connection)
    assert not connections.is_full
    assert connections.waiting == 0


class Users:
    """Concurrent users of the pool that misuse their connections, each in several rounds."""

    def __init__(self, connections: ConnectionPool, seed: int) -> None:
        self.connections = connections
        self.outcomes: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._tickets = count()
        # Waiting users, in the order of their requests.
        self._asking: set[int] = set()
        self._leased = 0

    async def run(self) -> None:
        for _ in range(TURNS):
            turn = asyncio.ensure_future(self._turn())
            if self._random.random() < 0.3:
                for _ in range(self._random.randrange(12)):
                    await asyncio.sleep(0)
                turn.cancel()
            await asyncio.wait({turn})
            self.outcomes[outcome_of(turn)] += 1

    async def _turn(self) -> None:
        connection = await self._borrow()
        self._leased += 1
        try:
            assert self._leased <= LIMIT
            try:
                await self._use(connection)
            except BaseException:
                await self.connections.discard(connection)
                raise
            await self.connections.release(connection)
        finally:
            self._leased -= 1

    async def _borrow(self) -> Any:
        ticket = next(self._tickets)
        self._asking.add(ticket)
        try:
            connection = await self.connections.acquire()
        finally:
            self._asking.discard(ticket)
        # All users still in the queue requested later.
        assert self.connections.waiting <= sum(other > ticket for other in self._asking)
        return connection

    async def _use(self, connection: Any) -> None:
        kind = self._random.random()
        if kind < 0.7:
            await connection.execute("select 1")
        elif kind < 0.8:
            await connection.execute("select 1 / 0")
        elif kind < 0.9:
            # The connection is released in this state.
            await connection.execute("begin")
        elif kind < 0.95:
            await connection.execute("select pg_sleep(0.002)")
        else:
            await connection.execute("select pg_terminate_backend(pg_backend_pid())")


def outcome_of(turn: "asyncio.Task[None]") -> str:
    if turn.cancelled():
        return "cancelled"
    error = turn.exception()
    if error is None:
        return "served"
    if isinstance(error, DATABASE_ERRORS):
        return "failed"
    # Includes the pool's time-out, which must not occur while connections are released.
    raise error


@pytest.mark.parametrize("seed", range(4))
async def test_pool_serves_in_order_and_loses_no_slot(
    servers: tuple[str, str], writable_database_url: str, seed: int
) -> None:
    database = urlsplit(writable_database_url).path.removeprefix("/")

    async def cause_outages(pool: ConnectionPool) -> None:
        """Terminates all connections, and for a while lets no new one be opened."""
        async with owner_connection(servers[0]) as administrator:
            while True:
                for allowed in (False, True):
                    await administrator.execute(f'alter database "{database}" allow_connections {allowed}')
                    await administrator.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity"
                        f" where datname = '{database}' and application_name like 'pool %'"
                    )
                    before = users.outcomes.total()
                    while users.outcomes.total() < before + 100:  # noqa: ASYNC110  # counted, not timed
                        await asyncio.sleep(0)

    async with pool_of(writable_database_url) as connections, asyncio.timeout(90):
        users = Users(connections, seed)
        outages = asyncio.ensure_future(cause_outages(connections))
        try:
            await asyncio.gather(*(users.run() for _ in range(USERS)))
        finally:
            outages.cancel()
            await asyncio.wait({outages})
        await execute(servers[0], f'alter database "{database}" allow_connections true')
        assert users.outcomes.total() == USERS * TURNS
        assert all(users.outcomes[outcome] > USERS for outcome in ("served", "failed", "cancelled"))
        await check_nothing_is_lost(connections)


async def test_pool_hands_slot_to_waiter(content_database_url: str) -> None:
    """The slot of a discarded connection: a later request cannot take it before the waiter."""
    async with pool_of(content_database_url, limit=1) as connections, asyncio.timeout(60):
        order: list[str] = []

        async def borrow(name: str) -> None:
            connection = await connections.acquire()
            order.append(name)
            await connections.discard(connection)

        connection = await connections.acquire()
        waiters = [asyncio.ensure_future(borrow(f"waiter {number}")) for number in range(3)]
        await asyncio.sleep(0)
        giving_back = asyncio.ensure_future(connections.discard(connection))
        newcomers = []
        while not all(waiter.done() for waiter in waiters):
            newcomers.append(asyncio.ensure_future(borrow("newcomer")))
            await asyncio.sleep(0)
        await asyncio.gather(giving_back, *waiters, *newcomers)
        assert order[:3] == ["waiter 0", "waiter 1", "waiter 2"]
        await check_nothing_is_lost(connections)


async def test_waiter_has_one_deadline_for_slot_and_connection(content_database_url: str) -> None:
    """The database stops answering before the slot is handed over: opening has no time-out of its own."""
    timeout = 0.6
    async with (
        asyncio.timeout(60),
        proxy_to(content_database_url) as proxy,
        pool_of(proxy.url, limit=1, timeout=timeout) as connections,
    ):
        loop = asyncio.get_running_loop()
        connection = await connections.acquire()
        waiting = asyncio.ensure_future(connections.acquire())
        await asyncio.sleep(0)
        proxy.stall()
        handed_over, second_timeout_over = loop.create_future(), loop.create_future()
        loop.call_later(timeout / 2, handed_over.set_result, None)
        loop.call_later(timeout / 2 + timeout, second_timeout_over.set_result, None)
        await handed_over
        connection.terminate()
        await connections.discard(connection)
        # Timers fire in order, however busy the machine is.
        await asyncio.wait({waiting, second_timeout_over}, return_when=asyncio.FIRST_COMPLETED)
        assert not second_timeout_over.done()
        with pytest.raises(ServiceUnavailable, match="unavailable"):
            await waiting
        proxy.recover()
        await check_nothing_is_lost(connections)


async def test_cancelled_release_hands_slot_over_when_the_pool_has_it(content_database_url: str) -> None:
    async with pool_of(content_database_url, limit=1, timeout=5.0) as connections, asyncio.timeout(60):
        connection = await connections.acquire()
        await connection.execute("begin")
        waiting = asyncio.ensure_future(connections.acquire())
        await asyncio.sleep(0)
        giving_back = asyncio.ensure_future(connections.discard(connection))
        await asyncio.sleep(0)
        giving_back.cancel()
        await connections.release(await waiting)
        assert giving_back.cancelled()
        await check_nothing_is_lost(connections)


@pytest.mark.parametrize("turns", range(6))
async def test_cancelled_waiter_hands_its_connection_over(content_database_url: str, turns: int) -> None:
    async with pool_of(content_database_url, limit=1) as connections, asyncio.timeout(60):
        for give_back in (connections.release, connections.discard):
            connection = await connections.acquire()
            first, second = (asyncio.ensure_future(connections.acquire()) for _ in range(2))
            await asyncio.sleep(0)
            giving_back = asyncio.ensure_future(give_back(connection))
            for _ in range(turns):
                await asyncio.sleep(0)
            if not first.cancel():
                await connections.release(first.result())
            await giving_back
            await connections.release(await second)
        await check_nothing_is_lost(connections)
