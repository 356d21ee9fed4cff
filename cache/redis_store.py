"""Values in Redis, with their locks, for all processes."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Generic

import structlog

from cache.entry_codec import Entry
from cache.redis.client import CacheUnavailable, Command, RedisClient
from cache.redis.lock import Lock
from cache.tag_versions import Versions
from cache.types import ValueT

log = structlog.get_logger()


class SharedEntries(Generic[ValueT]):
    """By key. `version`: of what makes the values; those of another are not found."""

    def __init__(
        self,
        redis: RedisClient,
        versions: Versions,
        prefix: str,
        version: str,
        decode: Callable[[bytes], ValueT],
    ) -> None:
        self._redis = redis
        self._versions = versions
        self._prefix = prefix
        self._version = version
        self._decode = decode

    async def find(self, key: bytes, lock: Lock | None) -> tuple[ValueT, Entry] | None:
        """The value, where its versions are those of now. `lock`: is taken as well, where it is free.

        None also where Redis does not answer.
        """
        taking = [] if lock is None else [lock.taking]
        try:
            encoded, *taken = await self._redis.send([("GET", self._name("field", key)), *taking])
            if lock is not None:
                lock.is_held = taken[0] is not None
            if encoded is None:
                return None
            entry = Entry.decode(encoded)
            if entry.stale_until <= time.time() or not await self._versions.hold(entry.versions):
                return None
            return self._decode(entry.value), entry
        except CacheUnavailable:
            return None
        except ValueError as error:
            log.warning("an entry of the cache is not understood", reason=str(error))
            return None

    def putting(self, key: bytes, entry: Entry) -> Command:
        seconds = max(1, int(entry.stale_until - time.time()))
        return "SET", self._name("field", key), entry.encode(), "EX", seconds

    def lock(self, key: bytes) -> Lock:
        return Lock(self._name("lock", key))

    async def take(self, lock: Lock) -> None:
        """Where it is free. Raises CacheUnavailable."""
        lock.is_held = (await self._redis.send([lock.taking]))[0] is not None

    async def send(self, commands: Sequence[Command]) -> None:
        """What nobody depends on: locks end by themselves, and values can be made again."""
        with suppress(CacheUnavailable):
            await self._redis.send(commands)

    def _name(self, kind: str, key: bytes) -> bytes:
        # In a cluster braces say which server has it: a value and its lock are on the same one.
        return f"{self._prefix}:{kind}:{self._version}:{{{key.decode()}}}".encode()
