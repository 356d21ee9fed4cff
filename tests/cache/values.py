"""Values to cache, and field caches like those of separate processes."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cache.keys import FieldKeys
from cache.redis.client import open_redis
from cache.store import FieldCache
from cache.types import CacheRequest, TagCollector
from engine.caching.template import HoleCollector, Template


def value(text: str) -> Template:
    """A value with this JSON."""
    return Template.of_json(text.encode(), HoleCollector())


@dataclass
class Source:
    """Computes values from a number. `computed`: number of computations."""

    number: int = 0
    computed: int = 0
    tags: set[str] = field(default_factory=lambda: {"number"})
    before_reading: Callable[[], Awaitable[None]] | None = None
    after_reading: Callable[[], Awaitable[None]] | None = None
    # The time at which the number changes by itself.
    expires_at: datetime | None = None

    async def compute(self, collector: TagCollector) -> Template | None:
        self.computed += 1
        if self.before_reading is not None:
            await self.before_reading()
        await collector(self.tags)
        number = self.number
        if self.expires_at is not None:
            collector.expires(self.expires_at)
        if self.after_reading is not None:
            await self.after_reading()
        else:
            await asyncio.sleep(0)
        return value(str(number))

    def request(self, key: str = "key", *, seconds: float = 60, is_shared: bool = True) -> CacheRequest:
        return CacheRequest(key.encode(), seconds, is_shared, self.compute)


def new_prefix() -> str:
    return f"test:{uuid.uuid4().hex}"


@asynccontextmanager
async def field_cache(redis_url: str | None, prefix: str, max_bytes: int = 1_000_000) -> AsyncIterator[FieldCache]:
    """The cache of one process with a connected notification listener."""
    if redis_url is None:
        cache = FieldCache(None, FieldKeys(prefix, "1"), max_bytes)
        cache.invalidation.on_connected()
        yield cache
        await cache.close()
        return
    async with open_redis(redis_url) as redis:
        cache = FieldCache(redis, FieldKeys(prefix, "1"), max_bytes)
        cache.invalidation.on_connected()
        await cache.invalidation.wait_recovered()
        yield cache
        await cache.close()


def shown(cache: FieldCache, key: bytes) -> tuple[str, bool] | None:
    """The value in the local store, and whether it is fresh."""
    there = cache.get_local(key)
    return None if there is None else (there[0].value.chunks[0].decode(), there[1])


async def text_of(cache: FieldCache, request: CacheRequest) -> str | None:
    """The JSON returned for a request."""
    there = cache.get_local(request.key)
    if there is not None:
        return there[0].value.chunks[0].decode()
    found = await cache.get_or_compute(request)
    return None if found is None else found.value.chunks[0].decode()
