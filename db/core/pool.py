"""A connection pool on top of asyncpg's that reuses released connections without a round through asyncpg.

asyncpg's pool creates a task, a shield and two timers for each acquire and release, which costs more than a statement
that finds one row. Here a healthy released connection goes straight to the next waiter. asyncpg's pool still opens
connections and resets or closes broken ones.
"""

import asyncio
from collections import deque
from time import monotonic, perf_counter

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from common.metrics.instruments import Histogram
from common.tracing.span_types import POOL_WAIT
from common.tracing.trace import record
from db.core.connection import Connection
from db.core.wait_budget import current_wait_budget
from domain.errors import ServiceUnavailable

# How long to wait for a reply of the server beyond the statement timeout.
REPLY_GRACE_SECONDS = 5.0

POOL_EXHAUSTED_MESSAGE = "Database connection pool exhausted; please retry."
UNAVAILABLE_MESSAGE = "Database unavailable; please retry."

_WAIT_SECONDS = Histogram("db_client_connection_wait_time_seconds", "How long acquisitions waited for a connection.")

# A connection that is idle for this long is returned to asyncpg's pool, which closes it.
_IDLE_SECONDS = 10.0


class DatabaseBusy(ServiceUnavailable):
    """The database is up, but has no connection to spare."""


class ConnectionPool:
    """Hands out at most `limit` connections of an asyncpg pool.

    `timeout`: seconds that one operation waits for connections in total.

    Each connection that is in use, idle, being opened or being released occupies a slot. A slot is handed over to the
    longest waiter directly and only becomes free if nobody waits: waiters are served in order, and asyncpg's pool is
    never asked for more connections than it has.
    """

    def __init__(self, pool: asyncpg.Pool, limit: int, timeout: float) -> None:
        self.limit = limit
        self._pool = pool
        self._timeout = timeout
        # Waits so far, and those that ended in a timeout.
        self.wait_count = self.timeout_count = 0
        self._slot_count = 0
        # Last in, first out.
        self._idle_connections: list[PoolConnectionProxy] = []
        self._min_idle = 0
        # A waiter gets a connection, or None: a slot to open one. While there are waiters, all slots are in use and no
        # connection is idle.
        self._waiters: deque[asyncio.Future[PoolConnectionProxy | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._releasing: set[asyncio.Task[None]] = set()
        # Connections that were opened before are closed instead of reused; monotonic.
        self._expired_at = 0.0

    @property
    def size(self) -> int:
        """Number of open connections."""
        return int(self._pool.get_size())

    @property
    def idle(self) -> int:
        """Number of open connections that are not in use."""
        return int(self._pool.get_idle_size()) + len(self._idle_connections)

    @property
    def waiting(self) -> int:
        """Number of tasks that wait for a connection."""
        return sum(not waiter.done() for waiter in self._waiters)

    @property
    def is_full(self) -> bool:
        """Whether the next `acquire` has to wait."""
        return self._slot_count >= self.limit and not self._idle_connections

    async def acquire(self) -> PoolConnectionProxy:
        """Return a connection.

        Raises DatabaseBusy if none becomes free in time, ServiceUnavailable if none can be opened in time.
        """
        connection = self.take_idle()
        if connection is not None:
            return connection
        loop, budget = asyncio.get_running_loop(), current_wait_budget()
        started_at = perf_counter()
        try:
            if budget is None:
                return await self._acquire_until(loop.time() + self._timeout)
            deadline = budget.start(loop.time(), self._timeout)
            try:
                return await self._acquire_until(deadline)
            finally:
                budget.end(loop.time())
        finally:
            record(POOL_WAIT, "wait for a connection", started_at, perf_counter())

    def take_idle(self) -> PoolConnectionProxy | None:
        """Return a connection if one is free."""
        idle = self._idle_connections
        while idle:
            connection = idle.pop()
            self._min_idle = min(self._min_idle, len(idle))
            if is_open(connection):
                return connection
            self._release_to_asyncpg(connection)
        return None

    async def _acquire_until(self, deadline: float) -> PoolConnectionProxy:
        if deadline <= asyncio.get_running_loop().time():
            self.timeout_count += 1
            raise DatabaseBusy(POOL_EXHAUSTED_MESSAGE)
        if self._slot_count < self.limit:
            self._slot_count += 1
            return await self._acquire_new(deadline)
        return await self._wait(deadline)

    async def release(self, connection: PoolConnectionProxy) -> None:
        """Return a connection whose statements all succeeded."""
        if not self.try_release(connection):
            await self.discard(connection)

    def try_release(self, connection: PoolConnectionProxy) -> bool:
        """Return a connection whose statements all succeeded. Return False if it has to be discarded instead."""
        if not is_open(connection) or connection.is_in_transaction():
            return False
        # An attribute of the pool's class of connections.
        if self._expired_at and getattr(connection, "opened_at", 0.0) < self._expired_at:
            return False
        self._hand_over(connection)
        return True

    async def discard(self, connection: PoolConnectionProxy) -> None:
        """Return a connection in an unknown state to asyncpg's pool, which resets or closes it."""
        await asyncio.shield(self._release_to_asyncpg(connection))

    def _release_to_asyncpg(self, connection: PoolConnectionProxy) -> asyncio.Task[None]:
        """Release in a task, so that the slot is handed over after the release even if the caller is cancelled."""
        task: asyncio.Task[None] = asyncio.ensure_future(self._pool.release(connection, timeout=REPLY_GRACE_SECONDS))
        self._releasing.add(task)
        task.add_done_callback(self._on_released)
        return task

    def _on_released(self, task: asyncio.Task[None]) -> None:
        self._releasing.discard(task)
        if not task.cancelled():
            # If the release failed, asyncpg has closed the connection. A caller that awaits the task gets the error.
            task.exception()
        self._hand_over(None)

    async def _acquire_new(self, deadline: float) -> PoolConnectionProxy:
        """Open a connection in a slot that the caller owns."""
        opening = asyncio.ensure_future(self._pool.acquire())
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(opening)
        except BaseException as error:
            opening.cancel()
            opening.add_done_callback(self._on_abandoned)
            if isinstance(error, TimeoutError):
                raise ServiceUnavailable(UNAVAILABLE_MESSAGE) from error
            raise

    def _on_abandoned(self, opening: asyncio.Future[PoolConnectionProxy]) -> None:
        """Keep a connection that was opened just as its caller gave up."""
        failed = opening.cancelled() or opening.exception() is not None
        self._hand_over(None if failed else opening.result())

    async def _wait(self, deadline: float) -> PoolConnectionProxy:
        self.wait_count += 1
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        waiter: asyncio.Future[PoolConnectionProxy | None] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_at(deadline, _time_out, waiter)
        try:
            connection = await waiter
        except BaseException as error:
            self.timeout_count += isinstance(error, DatabaseBusy)
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._hand_over(waiter.result())
            elif waiter in self._waiters:
                self._waiters.remove(waiter)
            raise
        finally:
            timer.cancel()
            _WAIT_SECONDS[()].observe(loop.time() - started_at)
        return connection if connection is not None else await self._acquire_new(deadline)

    def _hand_over(self, connection: PoolConnectionProxy | None) -> None:
        """Pass a slot, with its connection if any, to the longest waiter; free it if there is none."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is None:
            self._slot_count -= 1
            return
        self._idle_connections.append(connection)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._release_unused)

    def expire(self) -> None:
        """Close idle connections, and those in use when they are released."""
        self._expired_at = monotonic()
        # asyncpg's pool closes connections of former generations when they are released to it.
        self._releasing.add(task := asyncio.ensure_future(self._pool.expire_connections()))
        task.add_done_callback(self._on_expired)

    def _on_expired(self, task: asyncio.Task[None]) -> None:
        self._releasing.discard(task)
        self._release_idle(len(self._idle_connections))

    def terminate(self) -> None:
        """Close all connections. The pool cannot be used afterwards."""
        self._pool.terminate()

    async def close(self) -> None:
        """Release idle connections. Call it before closing asyncpg's pool."""
        if self._timer is not None:
            self._timer.cancel()
        self._release_idle(len(self._idle_connections))
        await asyncio.gather(*self._releasing, return_exceptions=True)

    def _release_unused(self) -> None:
        self._timer = None
        self._release_idle(self._min_idle)
        self._min_idle = len(self._idle_connections)
        if self._idle_connections:
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._release_unused)

    def _release_idle(self, count: int) -> None:
        unused, self._idle_connections = self._idle_connections[:count], self._idle_connections[count:]
        for connection in unused:
            self._release_to_asyncpg(connection)


def is_open(connection: Connection) -> bool:
    """Whether the connection is open, as far as this side knows."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        # The connection was lost, and asyncpg's pool has reclaimed it.
        return False


def _time_out(waiter: asyncio.Future[PoolConnectionProxy | None]) -> None:
    if not waiter.done():
        waiter.set_exception(DatabaseBusy(POOL_EXHAUSTED_MESSAGE))
