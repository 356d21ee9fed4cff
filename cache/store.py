"""Values that are expensive to make, kept in this process and in Redis until what they are made of changes.

A value is made while its tags are noted, each with the version that it had before anything was read. It is valid as
long as those are the versions still: so what was read before a change, and kept after it, is never shown.
"""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Generic

import structlog

from cache.entry_codec import Entry
from cache.invalidation import Invalidation
from cache.local_store import Kept, Memory
from cache.metrics import CacheStatistics, Outcome
from cache.redis.client import CacheUnavailable, Command, RedisClient
from cache.redis.lock import Lock
from cache.redis_store import SharedEntries
from cache.single_flight import Making, Makings
from cache.tag_versions import Versions
from cache.task_set import Tasks
from cache.types import EVERYTHING, Found, ValueT, Wanted
from domain.errors import ClientError

log = structlog.get_logger()

# How long what is not fresh any more is shown, while it is made anew: a share of the time for which it was fresh.
STALE_SHARE = 0.1
# For how long this process keeps a value that it cannot share, because Redis is down.
UNSHARED_SECONDS = 10.0

# How long another process is given that makes the same value.
_LONGEST_WAIT_SECONDS = 2.0
_LOOK_EVERY_SECONDS = 0.02
# What changes while it is made is made again, so many times.
_ATTEMPTS = 3


class _Notes:
    """What is noted while a value is made. `versions`: None where Redis does not have them."""

    def __init__(self, versions: Versions | None) -> None:
        self._versions = versions
        self.tags: set[str] = set()
        self.versions: dict[str, str] | None = None if versions is None else {}
        # Whether it is known of all that was read when it changes.
        self.is_known = True
        # When the value is another one by the clock alone, in seconds since 1970.
        self.expires_at = math.inf

    def expires(self, at: datetime) -> None:
        self.expires_at = min(self.expires_at, at.timestamp())

    async def __call__(self, tags: set[str]) -> None:
        if not tags:
            self.is_known = False
        new = (tags | {EVERYTHING}) - self.tags
        self.tags |= new
        if self.versions is not None and self._versions is not None and new:
            try:
                self.versions |= await self._versions.before_reading(sorted(new))
            except CacheUnavailable:
                self.versions = None


class FieldCache(Generic[ValueT]):
    """Values in this process, and in Redis for all processes. Those of one learner are in Redis alone.

    `prefix`: of all keys in Redis. `version`: of what makes the values; others' values are not understood.

    It is asked nothing before `invalidation.trust` says that changes are heard, and nothing while they are not.
    """

    def __init__(
        self,
        redis: RedisClient | None,
        prefix: str,
        version: str,
        decode: Callable[[bytes], ValueT],
        max_bytes: int,
    ) -> None:
        self._redis = redis
        self._versions: Versions | None = None
        self._entries: SharedEntries[ValueT] | None = None
        if redis is not None:
            self._versions = Versions(redis, prefix)
            self._entries = SharedEntries(redis, self._versions, prefix, version, decode)
        self._tasks = Tasks()
        self._makings: Makings[ValueT] = Makings(self._tasks)
        self.memory: Memory[ValueT] = Memory(max_bytes)
        self.invalidation = Invalidation(redis, self._versions, self.memory, self._tasks)
        self.statistics = CacheStatistics()

    def look_up(self, key: bytes) -> tuple[Kept[ValueT], bool] | None:
        """What this process has, and whether it is fresh. Ask then for a `refresh` where it is not."""
        return self.memory.get(key, time.time()) if self.invalidation.hears_changes else None

    async def fetch(self, wanted: Wanted[ValueT]) -> Found[ValueT] | None:
        """The value, made where it is nowhere: once, however many ask for it.

        None: whoever asks makes it for themselves, and keeps it not. When all who ask are cancelled, so is the making.
        A ClientError that `wanted.make` raises is told to all who ask.
        """
        for _ in range(_ATTEMPTS):
            if not self.invalidation.hears_changes or not (wanted.is_shared or self.invalidation.trusts_redis):
                return None
            making = self._makings.get(wanted.key)
            if making is None:
                making = self._makings.begin(wanted.key, partial(self._find_or_make, wanted))
                return await self._makings.wait_for(wanted.key, making)
            accepts = making.accepts
            found = await self._makings.wait_for(wanted.key, making)
            if found is None:
                return None
            is_valid = time.time() < found.stale_until and self.memory.unchanged(found.tags, found.began)
            if accepts and is_valid:
                return replace(found, outcome=Outcome.HIT)
        return None

    def refresh(self, wanted: Wanted[ValueT]) -> None:
        """Makes the value anew, unless somebody does."""
        if self._makings.get(wanted.key) is None:
            self._makings.begin(wanted.key, partial(self._make_alone, wanted), always=True)

    def verify(self, wanted: Wanted[ValueT], shown: ValueT) -> None:
        """Makes a value that was shown once more, in the background, and counts where it is another one now."""
        self._tasks.run(self._verify(wanted, shown, self.memory.moment))

    @property
    def backend(self) -> str:
        if self._redis is None:
            return "memory"
        return "redis" if self.invalidation.trusts_redis else "memory, because Redis is down"

    async def close(self) -> None:
        await self.invalidation.close()
        await self._tasks.close()

    async def _verify(self, wanted: Wanted[ValueT], shown: ValueT, began: int) -> None:
        notes = _Notes(None)
        try:
            value = await wanted.make(notes)
        except ClientError:
            # An outage proves nothing.
            return
        if value is None or not self.memory.unchanged(notes.tags, began):
            # It was right when it was shown.
            return
        self.statistics.samples += 1
        if value.encode() != shown.encode():
            self.statistics.differences += 1
            log.error("a cached value is wrong", key=wanted.key.decode(), tags=sorted(notes.tags))

    async def _find_or_make(self, wanted: Wanted[ValueT], making: Making[ValueT]) -> Found[ValueT] | None:
        # Most of what is not in this process is nowhere: the lock is asked for along with it.
        lock = self._entries.lock(wanted.key) if self._entries is not None and wanted.is_shared else None
        found = await self._find_shared(wanted, making, lock)
        if found is None:
            return await self._make_alone(wanted, making, lock)
        if lock is not None and lock.is_held and self._entries is not None:
            self._tasks.run(self._entries.send([lock.giving_back]))
        if found.outcome is Outcome.STALE:
            # As soon as this one is told.
            self._tasks.run(self._refresh_later(wanted))
        return found

    async def _refresh_later(self, wanted: Wanted[ValueT]) -> None:
        making = self._makings.get(wanted.key)
        if making is not None:
            await asyncio.wait([making.task])
        self.refresh(wanted)

    async def _find_shared(
        self, wanted: Wanted[ValueT], making: Making[ValueT], lock: Lock | None = None
    ) -> Found[ValueT] | None:
        """What Redis has, where it is valid. `lock`: is taken as well, where it is free."""
        if self._entries is None or not self.invalidation.trusts_redis:
            return None
        began = self.memory.moment
        making.accepts = False
        found = await self._entries.find(wanted.key, lock)
        making.accepts = True
        if found is None:
            return None
        value, entry = found
        tags = frozenset(entry.versions)
        if not self.invalidation.trusts_redis or self.invalidation.is_renewing(tags):
            return None
        # It ends now.
        making.accepts = False
        self._keep(wanted, value, tags, began, entry.made_at, entry.fresh_until, entry.stale_until)
        is_fresh = time.time() < entry.fresh_until
        outcome = Outcome.HIT if is_fresh else Outcome.STALE
        return Found(value, outcome, tags, began, entry.made_at, entry.fresh_until, entry.stale_until)

    async def _make_alone(
        self, wanted: Wanted[ValueT], making: Making[ValueT], lock: Lock | None = None
    ) -> Found[ValueT] | None:
        """Makes it, while other processes wait for it."""
        entries = self._entries
        if entries is None:
            return (await self._make(wanted, making))[0]
        lock = lock or entries.lock(wanted.key)
        if self.invalidation.trusts_redis and not lock.is_held:
            found = await self._wait_for_lock(entries, lock, wanted, making)
            if found is not None:
                return found
        finishing: list[Command] = []
        try:
            found, entry = await self._make(wanted, making)
            if entry is not None:
                finishing.append(entries.putting(wanted.key, entry))
        finally:
            if lock.is_held:
                finishing.append(lock.giving_back)
            sending = self._tasks.run(entries.send(finishing)) if finishing else None
        if sending is not None and not wanted.is_shared:
            # Who asks next looks there, and nowhere else.
            await sending
        return found

    async def _wait_for_lock(
        self, entries: SharedEntries[ValueT], lock: Lock, wanted: Wanted[ValueT], making: Making[ValueT]
    ) -> Found[ValueT] | None:
        """Until the lock is held, or somebody else has made the value, or neither for too long."""
        waited_until = time.monotonic() + _LONGEST_WAIT_SECONDS
        with suppress(CacheUnavailable):
            while True:
                await entries.take(lock)
                if lock.is_held or time.monotonic() > waited_until:
                    break
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
                found = await self._find_shared(wanted, making)
                if found is not None and found.outcome is Outcome.HIT:
                    return found
        return None

    async def _make(self, wanted: Wanted[ValueT], making: Making[ValueT]) -> tuple[Found[ValueT] | None, Entry | None]:
        """The value, and what Redis is to have of it."""
        for _ in range(_ATTEMPTS):
            making.accepts = True
            began, made_at = self.memory.moment, time.time()
            shares = self.invalidation.trusts_redis
            notes = _Notes(self._versions if shares else None)
            value = await wanted.make(notes)
            if value is None or not notes.is_known or not notes.tags:
                return None, None
            making.accepts = False
            if shares != (notes.versions is not None) or not await self._is_current(notes, began):
                continue
            seconds = wanted.seconds if self._redis is None or shares else min(wanted.seconds, UNSHARED_SECONDS)
            # What the clock changes is right until then, and not a moment longer.
            fresh_until = min(time.time() + seconds, notes.expires_at)
            stale_until = min(fresh_until + seconds * STALE_SHARE, notes.expires_at)
            tags = frozenset(notes.tags)
            self._keep(wanted, value, tags, began, made_at, fresh_until, stale_until)
            entry = Entry(value.encode(), notes.versions, made_at, fresh_until, stale_until) if notes.versions else None
            return Found(value, Outcome.MISS, tags, began, made_at, fresh_until, stale_until), entry
        return None, None

    async def _is_current(self, notes: _Notes, began: int) -> bool:
        if not self.invalidation.hears_changes or not self.memory.unchanged(notes.tags, began):
            return False
        if notes.versions is None or self._versions is None:
            return True
        try:
            return await self._versions.hold(notes.versions)
        except CacheUnavailable:
            return False

    def _keep(
        self,
        wanted: Wanted[ValueT],
        value: ValueT,
        tags: frozenset[str],
        began: int,
        made_at: float,
        fresh_until: float,
        stale_until: float,
    ) -> None:
        if wanted.is_shared and self.invalidation.hears_changes:
            self.memory.put(
                wanted.key,
                value,
                value.size,
                tags,
                began,
                made_at=made_at,
                fresh_until=fresh_until,
                stale_until=stale_until,
            )
