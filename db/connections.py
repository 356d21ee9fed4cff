"""The pool's connections, lent without asking the pool each time.

asyncpg's pool makes a task, a shield and two timers for every connection that it lends and takes back, which costs more
than a statement that finds a row. Here a connection that comes back in good order is lent to the next who wants one.
The pool still makes connections, and mends what went wrong with them.
"""

import asyncio
from collections import deque

import asyncpg

from domain.errors import ServiceUnavailable

# How long we wait for an answer that is due.
ANSWER_GRACE_SECONDS = 5.0

_BUSY = "The database is busy. Try again in a moment."

# A connection that nobody wanted for so long goes back to the pool, which closes it in time.
_KEPT_SECONDS = 10.0


class Connections:
    """Of one pool of at most `limit`. `timeout`: seconds to wait for one when all are lent."""

    def __init__(self, pool: asyncpg.Pool, limit: int, timeout: float) -> None:
        self.limit = limit
        self._pool = pool
        self._timeout = timeout
        # Taken from the pool: lent, or free to be lent.
        self._taken = 0
        # The last one that came back is lent first.
        self._free: list[asyncpg.Connection] = []
        self._least_free = 0
        # Who waits is given a connection, or None where one may be taken from the pool.
        self._waiters: deque[asyncio.Future[asyncpg.Connection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._returning: set[asyncio.Task[None]] = set()

    @property
    def size(self) -> int:
        """Open."""
        return int(self._pool.get_size())

    @property
    def idle(self) -> int:
        """Open, and not lent."""
        return int(self._pool.get_idle_size()) + len(self._free)

    @property
    def waiting(self) -> int:
        """How many wait for one."""
        return sum(not waiter.done() for waiter in self._waiters)

    async def lend(self) -> asyncpg.Connection:
        """Raises ServiceUnavailable when none comes free in time."""
        free = self._free
        while free:
            connection = free.pop()
            self._least_free = min(self._least_free, len(free))
            if is_usable(connection):
                return connection
            await self.mend(connection)
        return await (self._take() if self._taken < self.limit else self._wait())

    async def take_back(self, connection: asyncpg.Connection) -> None:
        """One on which everything went well."""
        if not is_usable(connection) or connection.is_in_transaction():
            await self.mend(connection)
        else:
            self._pass_on(connection)

    async def mend(self, connection: asyncpg.Connection) -> None:
        """Gives one back to the pool, which leaves nothing of what was done on it."""
        try:
            await self._pool.release(connection, timeout=ANSWER_GRACE_SECONDS)
        finally:
            self._give_up_one()

    async def _take(self) -> asyncpg.Connection:
        self._taken += 1
        try:
            return await self._pool.acquire(timeout=self._timeout)
        except BaseException as error:
            self._give_up_one()
            if isinstance(error, TimeoutError):
                raise ServiceUnavailable(_BUSY) from None
            raise

    async def _wait(self) -> asyncpg.Connection:
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[asyncpg.Connection | None] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(self._timeout, _tell_busy, waiter)
        try:
            connection = await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())
            raise
        finally:
            timer.cancel()
        return connection if connection is not None else await self._take()

    def _pass_on(self, connection: asyncpg.Connection | None) -> None:
        """To who has waited longest; otherwise it is free."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        if connection is not None:
            self._free.append(connection)
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._return_unused)

    def _give_up_one(self) -> None:
        """One fewer is taken from the pool, so that somebody else may take one."""
        self._taken -= 1
        self._pass_on(None)

    async def close(self) -> None:
        """Before the pool is closed."""
        if self._timer is not None:
            self._timer.cancel()
        self._return(len(self._free))
        await asyncio.gather(*self._returning, return_exceptions=True)

    def _return_unused(self) -> None:
        self._timer = None
        self._return(self._least_free)
        self._least_free = len(self._free)
        if self._free:
            self._timer = asyncio.get_running_loop().call_later(_KEPT_SECONDS, self._return_unused)

    def _return(self, count: int) -> None:
        unused, self._free = self._free[:count], self._free[count:]
        for connection in unused:
            task = asyncio.ensure_future(self.mend(connection))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)


def is_usable(connection: asyncpg.Connection) -> bool:
    """Whether it is open, as far as is known."""
    try:
        return not connection.is_closed()
    except asyncpg.InterfaceError:
        # It was lost, and the pool has taken it back by itself.
        return False


def _tell_busy(waiter: "asyncio.Future[asyncpg.Connection | None]") -> None:
    if not waiter.done():
        waiter.set_exception(ServiceUnavailable(_BUSY))
