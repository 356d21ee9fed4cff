"""The field cache: values in this process and in Redis, valid until one of their tags is invalidated.

A value is computed while the tags of its reads are recorded, each with the version that it had before the read. The
value is valid as long as all these versions are current: a value that was read before a change and stored after it is
never served.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TypeAlias

from cache.entry_codec import Entry
from cache.invalidation import Invalidation
from cache.keys import FieldKeys
from cache.local_store import LocalEntry, LocalStore
from cache.metrics import CacheMetrics, CacheOutcome
from cache.redis.client import CacheUnavailable, Command, RedisClient
from cache.redis.lock import Lock
from cache.redis_store import RedisStore
from cache.shadow_check import check_served
from cache.tag_recorder import TagRecorder
from cache.tag_versions import TagVersions
from cache.types import CacheRequest, CacheResult
from common.single_flight import Flight, SingleFlight
from common.task_set import TaskSet
from engine.caching.template import Template

# How long a stale value is served while it is revalidated, as a share of the time for which it was fresh.
STALE_WHILE_REVALIDATE_RATIO = 0.1
# Time to live of a value that is in this process alone because Redis is unavailable.
LOCAL_ONLY_TTL_SECONDS = 10.0

# How long to wait for another process that computes the same value.
_MAX_LOCK_WAIT_SECONDS = 2.0
_POLL_INTERVAL_SECONDS = 0.02
# A value that is invalidated while it is computed is recomputed.
_MAX_ATTEMPTS = 3

ResultFlight: TypeAlias = Flight[CacheResult | None]


class FieldCache:
    """Shared values are in this process and in Redis, those of one viewer in Redis alone.

    Nothing is served before `invalidation.on_connected` and after `invalidation.on_disconnected`.
    """

    def __init__(self, redis: RedisClient | None, keys: FieldKeys, max_bytes: int) -> None:
        self._redis = redis
        self._versions: TagVersions | None = None
        self._shared: RedisStore | None = None
        if redis is not None:
            self._versions = TagVersions(redis, keys)
            self._shared = RedisStore(redis, self._versions, keys)
        self._tasks = TaskSet()
        self._flights: SingleFlight[bytes, CacheResult | None] = SingleFlight(self._tasks)
        self.local = LocalStore(max_bytes)
        self.invalidation = Invalidation(redis, self._versions, self.local, self._tasks)
        self.metrics = CacheMetrics()

    def get_local(self, key: bytes) -> tuple[LocalEntry, bool] | None:
        """The entry in this process, and whether it is fresh. Call `revalidate` if it is not."""
        return self.local.get(key, time.time()) if self.invalidation.is_listening else None

    async def get_or_compute(self, request: CacheRequest) -> CacheResult | None:
        """The value; concurrent requests share one computation, which is cancelled when all of them are.

        None: the caller computes the value itself and does not cache it. Raises ClientError if `request.compute` does.
        """
        for _ in range(_MAX_ATTEMPTS):
            if not self.invalidation.is_listening or not (request.is_shared or self.invalidation.redis_is_valid):
                return None
            flight = self._flights.get(request.key)
            if flight is None:
                flight = self._flights.start(request.key, partial(self._get_or_compute, request))
                return await self._flights.join(request.key, flight)
            is_joinable = flight.is_joinable
            result = await self._flights.join(request.key, flight)
            if result is None:
                return None
            is_valid = time.time() < result.stale_until and self.local.is_current(result.tags, result.generation)
            if is_joinable and is_valid:
                return replace(result, outcome=CacheOutcome.HIT)
        return None

    def revalidate(self, request: CacheRequest) -> None:
        """Recomputes the value in the background, unless it is being computed."""
        if self._flights.get(request.key) is None:
            self._flights.start(request.key, partial(self._compute_exclusively, request), background=True)

    def shadow_check(self, request: CacheRequest, served: Template) -> None:
        """Recomputes a value that was served, in the background, and counts a mismatch."""
        self._tasks.spawn(check_served(request, served, self.local, self.local.generation, self.metrics))

    @property
    def backend(self) -> str:
        if self._redis is None:
            return "memory"
        return "redis" if self.invalidation.redis_is_valid else "memory, because Redis is down"

    async def close(self) -> None:
        await self.invalidation.close()
        await self._tasks.close()

    async def _get_or_compute(self, request: CacheRequest, flight: ResultFlight) -> CacheResult | None:
        # Most values that are not in this process are not in Redis: the lock is acquired in the same round trip.
        lock = self._shared.lock(request.key) if self._shared is not None and request.is_shared else None
        result = await self._get_shared(request, flight, lock)
        if result is None:
            return await self._compute_exclusively(request, flight, lock)
        if lock is not None and lock.is_acquired and self._shared is not None:
            self._tasks.spawn(self._shared.execute([lock.release_command]))
        if result.outcome is CacheOutcome.STALE:
            self._tasks.spawn(self._revalidate_after(request))
        return result

    async def _revalidate_after(self, request: CacheRequest) -> None:
        """As soon as the current flight has landed."""
        flight = self._flights.get(request.key)
        if flight is not None:
            await asyncio.wait([flight.task])
        self.revalidate(request)

    async def _get_shared(
        self, request: CacheRequest, flight: ResultFlight, lock: Lock | None = None
    ) -> CacheResult | None:
        """A valid value in Redis. Acquires `lock` as well, if it is free."""
        if self._shared is None or not self.invalidation.redis_is_valid:
            return None
        generation = self.local.generation
        flight.is_joinable = False
        found = await self._shared.get(request.key, lock)
        flight.is_joinable = True
        if found is None:
            return None
        value, entry = found
        tags = frozenset(entry.versions)
        if not self.invalidation.redis_is_valid or self.invalidation.is_bumping(tags):
            return None
        # The versions are not checked again.
        flight.is_joinable = False
        outcome = CacheOutcome.HIT if time.time() < entry.fresh_until else CacheOutcome.STALE
        result = CacheResult(value, outcome, tags, generation, entry.computed_at, entry.fresh_until, entry.stale_until)
        self._store_locally(request, result)
        return result

    async def _compute_exclusively(
        self, request: CacheRequest, flight: ResultFlight, lock: Lock | None = None
    ) -> CacheResult | None:
        """Computes the value while other processes wait for the lock."""
        shared = self._shared
        if shared is None:
            return (await self._compute(request, flight))[0]
        lock = lock or shared.lock(request.key)
        if self.invalidation.redis_is_valid and not lock.is_acquired:
            result = await self._wait_for_lock(shared, lock, request, flight)
            if result is not None:
                return result
        commands: list[Command] = []
        try:
            result, entry = await self._compute(request, flight)
            if entry is not None:
                commands.append(shared.set_command(request.key, entry))
        finally:
            if lock.is_acquired:
                commands.append(lock.release_command)
            executing = self._tasks.spawn(shared.execute(commands)) if commands else None
        if executing is not None and not request.is_shared:
            # The viewer's next request finds the value there alone.
            await executing
        return result

    async def _wait_for_lock(
        self, shared: RedisStore, lock: Lock, request: CacheRequest, flight: ResultFlight
    ) -> CacheResult | None:
        """Waits until the lock is acquired, another process has computed the value, or the time-out."""
        deadline = time.monotonic() + _MAX_LOCK_WAIT_SECONDS
        with suppress(CacheUnavailable):
            while True:
                await shared.acquire(lock)
                if lock.is_acquired or time.monotonic() > deadline:
                    break
                await asyncio.sleep(_POLL_INTERVAL_SECONDS)
                result = await self._get_shared(request, flight)
                if result is not None and result.outcome is CacheOutcome.HIT:
                    return result
        return None

    async def _compute(self, request: CacheRequest, flight: ResultFlight) -> tuple[CacheResult | None, Entry | None]:
        """The value, and its entry for Redis."""
        for _ in range(_MAX_ATTEMPTS):
            flight.is_joinable = True
            generation, computed_at = self.local.generation, time.time()
            uses_redis = self.invalidation.redis_is_valid
            recorder = TagRecorder(self._versions if uses_redis else None)
            value = await request.compute(recorder)
            if value is None or not recorder.is_cacheable:
                return None, None
            flight.is_joinable = False
            if uses_redis != (recorder.versions is not None) or not await self._is_current(recorder, generation):
                continue
            ttl = request.ttl_seconds
            if self._redis is not None and not uses_redis:
                ttl = min(ttl, LOCAL_ONLY_TTL_SECONDS)
            # A value that the clock changes is never served after that time.
            fresh_until = min(time.time() + ttl, recorder.expires_at)
            stale_until = min(fresh_until + ttl * STALE_WHILE_REVALIDATE_RATIO, recorder.expires_at)
            tags = frozenset(recorder.tags)
            result = CacheResult(value, CacheOutcome.MISS, tags, generation, computed_at, fresh_until, stale_until)
            self._store_locally(request, result)
            if not recorder.versions:
                return result, None
            return result, Entry(value.encode(), recorder.versions, computed_at, fresh_until, stale_until)
        return None, None

    async def _is_current(self, recorder: TagRecorder, generation: int) -> bool:
        if not self.invalidation.is_listening or not self.local.is_current(recorder.tags, generation):
            return False
        if recorder.versions is None or self._versions is None:
            return True
        try:
            return await self._versions.are_current(recorder.versions)
        except CacheUnavailable:
            return False

    def _store_locally(self, request: CacheRequest, result: CacheResult) -> None:
        if request.is_shared and self.invalidation.is_listening:
            self.local.put(
                request.key,
                LocalEntry(
                    result.value,
                    result.tags,
                    result.generation,
                    result.computed_at,
                    result.fresh_until,
                    result.stale_until,
                ),
            )
