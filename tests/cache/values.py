"""Values to keep, and field caches as two processes have them."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from cache.redis.client import open_redis
from cache.store import FieldCache
from cache.types import OnRead, Wanted


@dataclass(frozen=True)
class Text:
    """The simplest value there is."""

    text: str

    @property
    def size(self) -> int:
        return len(self.text)

    def encode(self) -> bytes:
        return self.text.encode()

    @classmethod
    def decode(cls, encoded: bytes) -> "Text":
        return cls(encoded.decode())


@dataclass
class Source:
    """What values are made of: one number. `made`: how often one was made. `steps`: what happens while it is."""

    number: int = 0
    made: int = 0
    tags: set[str] = field(default_factory=lambda: {"number"})
    before_reading: Callable[[], Awaitable[None]] | None = None
    after_reading: Callable[[], Awaitable[None]] | None = None
    # When the number is another one by the clock.
    expires_at: datetime | None = None

    async def make(self, on_read: OnRead) -> Text | None:
        self.made += 1
        if self.before_reading is not None:
            await self.before_reading()
        await on_read(self.tags)
        number = self.number
        if self.expires_at is not None:
            on_read.expires(self.expires_at)
        if self.after_reading is not None:
            await self.after_reading()
        else:
            await asyncio.sleep(0)
        return Text(str(number))

    def wanted(self, key: str = "key", *, seconds: float = 60, is_shared: bool = True) -> Wanted[Text]:
        return Wanted(key.encode(), seconds, is_shared, self.make)


def new_prefix() -> str:
    return f"test:{uuid.uuid4().hex}"


@asynccontextmanager
async def field_cache(
    redis_url: str | None, prefix: str, max_bytes: int = 1_000_000
) -> AsyncIterator[FieldCache[Text]]:
    """As one process has it, which hears of changes."""
    if redis_url is None:
        cache = FieldCache(None, prefix, "1", Text.decode, 1_000_000)
        cache.invalidation.trust()
        yield cache
        await cache.close()
        return
    async with open_redis(redis_url) as redis:
        cache = FieldCache(redis, prefix, "1", Text.decode, 1_000_000)
        cache.invalidation.trust()
        await cache.invalidation.recovered()
        yield cache
        await cache.close()


def shown(cache: FieldCache[Text], key: bytes) -> tuple[Text, bool] | None:
    """The value that this process has, and whether it is fresh."""
    there = cache.look_up(key)
    return None if there is None else (there[0].value, there[1])


async def text_of(cache: FieldCache[Text], wanted: Wanted[Text]) -> str | None:
    """As a request finds it."""
    there = cache.look_up(wanted.key)
    if there is not None:
        return there[0].value.text
    found = await cache.fetch(wanted)
    return None if found is None else found.value.text
