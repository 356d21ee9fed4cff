"""Opens the field cache of the process and connects it to the notifications of the database."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cache.invalidation import Invalidation
from cache.keys import FieldKeys
from cache.redis.client import RedisClient
from cache.store import FieldCache
from db.core.cache_tags import tags_for
from db.core.changes import Change
from db.core.database import Database
from db.notify.listener import NotificationListener
from schema import sdl
from server.settings import Settings


class _InvalidationSubscriber:
    """Invalidates cached values by the change notifications of the database."""

    def __init__(self, invalidation: Invalidation) -> None:
        self._invalidation = invalidation

    def on_change(self, change: Change) -> None:
        self._invalidation.on_notification(tags_for(change))

    def on_disconnect(self) -> None:
        self._invalidation.on_disconnected()

    def on_connect(self) -> None:
        self._invalidation.on_connected()

    async def drain(self) -> None:
        await self._invalidation.drain()


@asynccontextmanager
async def open_field_cache(
    database: Database, redis: RedisClient | None, changes: NotificationListener, settings: Settings
) -> AsyncIterator[FieldCache | None]:
    """None if `settings.cache` is off."""
    if settings.cache == "off":
        yield None
        return
    schema_version = hashlib.sha256(sdl().encode()).hexdigest()[:12]
    # Several databases may share a Redis, so that keys contain the database's identity.
    keys = FieldKeys(await database.identity(), schema_version)
    cache = FieldCache(redis, keys, settings.cache_memory_bytes)
    try:
        with changes.add_listener(_InvalidationSubscriber(cache.invalidation)):
            yield cache
    finally:
        await cache.close()
