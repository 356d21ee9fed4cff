"""Connections outside the pool for sign-in and health checks, which must work while the pool is exhausted."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Self

import asyncpg

from db.core.pool import ConnectionPool


class Reserve:
    """One connection for sign-in and one for health probes, so that neither waits for the other.

    Connections open on demand and close when idle.
    """

    def __init__(self, pool: asyncpg.Pool, timeout: float) -> None:
        self._pool = pool
        self.for_sign_in = ConnectionPool(pool, 1, timeout)
        self.for_probe = ConnectionPool(pool, 1, timeout)

    @classmethod
    async def open(cls, create_pool: Callable[..., Awaitable[asyncpg.Pool]], timeout: float) -> Self:
        return cls(await create_pool(min_size=0, max_size=2), timeout)

    async def close(self) -> None:
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self._pool.close)
            await self.for_sign_in.close()
            await self.for_probe.close()

    def terminate(self) -> None:
        self._pool.terminate()
