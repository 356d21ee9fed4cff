"""Opens the field cache of the process and connects it to the notifications of the database."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cache.invalidation import Invalidation
from cache.keys import FieldKeys
from cache.redis.client import RedisClient
from cache.store import FieldCache
from db.core.database import Database
from db.notify.cache_tags import Change, tags_of
from db.notify.listener import Changes
from schema import sdl
from server.settings import Settings


class _InvalidationSubscriber:
    """Invalidates what the database notifies of."""

    def __init__(self, invalidation: Invalidation) -> None:
        self._invalidation = invalidation

    def changed(self, change: Change) -> None:
        self._invalidation.on_notification(tags_of(change))

    def lost(self) -> None:
        self._invalidation.on_disconnected()

    def found(self) -> None:
        self._invalidation.on_connected()

    async def settled(self) -> None:
        await self._invalidation.drain()


@asynccontextmanager
async def open_field_cache(
    database: Database, redis: RedisClient | None, changes: Changes, settings: Settings
) -> AsyncIterator[FieldCache | None]:
    """None if `settings.cache` is off."""
    if settings.cache == "off":
        yield None
        return
    schema_version = hashlib.sha256(sdl().encode()).hexdigest()[:12]
    # Databases that share a Redis share no keys.
    keys = FieldKeys(await database.identity(), schema_version)
    cache = FieldCache(redis, keys, settings.cache_memory_bytes)
    try:
        with changes.follow(_InvalidationSubscriber(cache.invalidation)):
            yield cache
    finally:
        await cache.close()
