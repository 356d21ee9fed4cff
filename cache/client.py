"""The connection to Redis or Valkey. Everything works without it, slower."""

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

# A cache that answers later than this costs more than it saves.
TIMEOUT_SECONDS = 0.05


class CacheUnavailable(Exception):
    """Redis did not answer in time, or not at all."""


class Cache:
    """Redis by one URL. Open it with `open_cache`."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def ping(self) -> float:
        """Milliseconds of a round trip. Raises CacheUnavailable."""
        started_at = time.perf_counter()
        with _unavailable():
            await self._redis.ping()
        return (time.perf_counter() - started_at) * 1000

    async def run(self, script: str, key: str, *arguments: str | int | float) -> Any:
        """What a Lua script answers, which touches this key alone. Raises CacheUnavailable."""
        with _unavailable():
            # By its hash, where the server knows it already.
            return await self._redis.register_script(script)(keys=[key], args=list(arguments))


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise CacheUnavailable(str(error)) from error


@asynccontextmanager
async def open_cache(url: str) -> AsyncIterator[Cache]:
    """Connects when it is first used, so a server without Redis still starts."""
    redis = Redis.from_url(url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS)
    try:
        yield Cache(redis)
    finally:
        await redis.aclose()
