"""The pool's connections, lent without asking the pool each time.

asyncpg's pool makes a task, a shield and two timers for every connection that it lends and takes back, which costs more
than a statement that finds a row. Here a connection that comes back in good order is lent to the next who wants one.
The pool still makes connections, and mends what went wrong with them.
"""

import asyncio
from collections import deque

import asyncpg

from db.core.wait_budget import current_wait_budget
from domain.errors import ServiceUnavailable

# How long we wait for an answer that is due.
ANSWER_GRACE_SECONDS = 5.0

BUSY = "The database is busy. Try again in a moment."
SILENT = "The database does not answer. Try again in a moment."

# A connection that nobody wanted for so long goes back to the pool, which closes it in time.
_IDLE_SECONDS = 10.0


class DatabaseBusy(ServiceUnavailable):
    """The database answers, and has no connection to spare."""


class ConnectionPool:
    """Of one pool of at most `limit`. `timeout`: seconds to wait for one when all are lent, for one operation in all.

    Every connection of asyncpg's pool that is lent, free, being opened or being given back takes a slot. A slot goes
    from one to the next without being free in between, and is free only where nobody waits: so nobody overtakes who
    waits, and asyncpg's pool is never asked for more than it has.
    """

    def __init__(self, pool: asyncpg.Pool, limit: int, timeout: float) -> None:
        self.limit = limit
        self._pool = pool
        self._timeout = timeout
        # How many waited for one that others had, and how many of those in vain.
        self.wait_count = self.timeout_count = 0
        # Slots.
        self._slot_count = 0
        # The last one that came back is lent first.
        self._idle_connections: list[asyncpg.Connection] = []
        self._min_idle = 0
        # A waiter is handed a connection, or None: a slot without one. While one waits, every slot is taken and no
        # connection is free.
        self._waiters: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._releasing: set[asyncio.Task[None]] = set()

    @property
    def size(self) -> int:
        """Open."""
        return int(self._pool.get_size())

    @property
    def idle(self) -> int:
        """Open, and not lent."""
        return int(self._pool.get_idle_size()) + len(self._idle_connections)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return sum(not waiter.done() for waiter in self._waiters)

    @property
    def is_full(self) -> bool:
        """Whether the next one to ask has to wait."""
        return self._slot_count >= self.limit and not self._idle_connections

    async def acquire(self) -> asyncpg.Connection:
        """Raises DatabaseBusy when none comes free in time, ServiceUnavailable when none can be opened in time."""
        free = self._idle_connections
        while free:
            connection = free.pop()
            self._min_idle = min(self._min_idle, len(free))
            if is_open(connection):
                return connection
            self._release(connection)
        loop, budget = asyncio.get_running_loop(), current_wait_budget()
        if budget is None:
            return await self._acquire_until(loop.time() + self._timeout)
        deadline = budget.begin(loop.time(), self._timeout)
        try:
            return await self._acquire_until(deadline)
        finally:
            budget.end(loop.time())

    async def _acquire_until(self, deadline: float) -> asyncpg.Connection:
        if deadline <= asyncio.get_running_loop().time():
            self.timeout_count += 1
            raise DatabaseBusy(BUSY)
        if self._slot_count < self.limit:
            self._slot_count += 1
            return await self._open(deadline)
        return await self._wait(deadline)

    async def release(self, connection: asyncpg.Connection) -> None:
        """One on which everything went well."""
        if not is_open(connection) or connection.is_in_transaction():
            await self.discard(connection)
        else:
            self._hand_over(connection)

    async def discard(self, connection: asyncpg.Connection) -> None:
        """Gives one back to the pool, which leaves nothing of what was done on it."""
        await asyncio.shield(self._release(connection))

    def _release(self, connection: asyncpg.Connection) -> asyncio.Task[None]:
        """In a task of its own: the slot is handed over when the pool has the connection back, and not before.

        The caller may be cancelled meanwhile.
        """
        task: asyncio.Task[None] = asyncio.ensure_future(self._pool.release(connection, timeout=ANSWER_GRACE_SECONDS))
        self._releasing.add(task)
        task.add_done_callback(self._on_released)
        return task

    def _on_released(self, task: asyncio.Task[None]) -> None:
        self._releasing.discard(task)
        if not task.cancelled():
            # Where this fails, the pool has ended the connection. Whoever waits for the task sees the error, too.
            task.exception()
        self._hand_over(None)

    async def _open(self, deadline: float) -> asyncpg.Connection:
        """A connection for a slot that is the caller's."""
        opening = asyncio.ensure_future(self._pool.acquire())
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(opening)
        except BaseException as error:
            opening.cancel()
            opening.add_done_callback(self._on_abandoned)
            if isinstance(error, TimeoutError):
                raise ServiceUnavailable(SILENT) from error
            raise

    def _on_abandoned(self, opening: asyncio.Future[asyncpg.Connection]) -> None:
        """It may have been opened in the very moment in which nobody wanted it any more."""
        failed = opening.cancelled() or opening.exception() is not None
        self._hand_over(None if failed else opening.result())

    async def _wait(self, deadline: float) -> asyncpg.Connection:
        self.wait_count += 1
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[asyncpg.Connection | None] = loop.create_future()
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
        return connection if connection is not None else await self._open(deadline)

    def _hand_over(self, connection: asyncpg.Connection | None) -> None:
        """A slot, with its connection if it has one, to who has waited longest; otherwise it is free."""
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
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._return_unused)

    async def close(self) -> None:
        """Before the pool is closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._return(len(self._idle_connections))
        await asyncio.gather(*self._releasing, return_exceptions=True)

    def _return_unused(self) -> None:
        self._timer = None
        self._return(self._min_idle)
        self._min_idle = len(self._idle_connections)
        if self._idle_connections:
            self._timer = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._return_unused)

    def _return(self, count: int) -> None:
        unused, self._idle_connections = self._idle_connections[:count], self._idle_connections[count:]
        for connection in unused:
            self._release(connection)


def is_open(connection: asyncpg.Connection) -> bool:
    """Whether it is open, as far as is known."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        # It was lost, and the pool has taken it back by itself.
        return False


def _time_out(waiter: "asyncio.Future[asyncpg.Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(DatabaseBusy(BUSY))
