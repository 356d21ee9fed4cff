"""The store in Redis, shared by all processes."""

import time
from collections.abc import Sequence
from contextlib import suppress

import structlog

from cache.entry_codec import Entry
from cache.keys import FieldKeys
from cache.redis.client import CacheUnavailable, Command, RedisClient
from cache.redis.lock import Lock
from cache.tag_versions import TagVersions
from common.error_descriptions import describe_error
from engine.caching.template import Template

log = structlog.get_logger()


class RedisStore:
    """Entries and their locks by key."""

    def __init__(self, redis: RedisClient, versions: TagVersions, keys: FieldKeys) -> None:
        self._redis = redis
        self._versions = versions
        self._keys = keys

    async def get(self, key: bytes, lock: Lock | None) -> tuple[Template, Entry] | None:
        """The value, if it is usable and the versions of its tags are current. Acquires `lock` as well, if it is free.

        None also if Redis is unavailable. One round trip for a miss, two for a hit.
        """
        acquiring = [] if lock is None else [lock.acquire_command]
        try:
            encoded, *acquired = await self._redis.pipeline([("GET", self._keys.entry(key)), *acquiring])
            if lock is not None:
                lock.is_acquired = acquired[0] is not None
            if encoded is None:
                return None
            entry = Entry.decode(encoded)
            if entry.stale_until <= time.time() or not await self._versions.are_current(entry.versions):
                return None
            return Template.decode(entry.value), entry
        except CacheUnavailable:
            return None
        except ValueError as error:
            log.warning("cache entry undecodable", reason=describe_error(error))
            return None

    def set_command(self, key: bytes, entry: Entry) -> Command:
        seconds = max(1, int(entry.stale_until - time.time()))
        return "SET", self._keys.entry(key), entry.encode(), "EX", seconds

    def lock(self, key: bytes) -> Lock:
        return Lock(self._keys.lock(key))

    async def acquire(self, lock: Lock) -> None:
        """Sets `lock.is_acquired`. Raises CacheUnavailable."""
        lock.is_acquired = (await self._redis.pipeline([lock.acquire_command]))[0] is not None

    async def execute(self, commands: Sequence[Command]) -> None:
        """Commands whose failure is harmless: locks expire, and values can be recomputed."""
        with suppress(CacheUnavailable):
            await self._redis.pipeline(commands)
