"""Invalidation by tags, and whether the state of this process and of Redis is consistent with the database."""

import asyncio
from collections import Counter
from collections.abc import Collection

from cache.local_store import LocalStore
from cache.redis.client import CacheUnavailable, RedisClient
from cache.tag_versions import TagVersions
from cache.types import ALL_TAG
from common.task_set import TaskSet

_RECOVERY_INTERVAL_SECONDS = 0.5


class Invalidation:
    """The invalidation of one process. `versions`: None without Redis."""

    def __init__(
        self, redis: RedisClient | None, versions: TagVersions | None, local: LocalStore, tasks: TaskSet
    ) -> None:
        self._redis = redis
        self._versions = versions
        self._local = local
        self._tasks = tasks
        # Whether the notification listener is connected.
        self.is_listening = False
        # Redis is stale while it may have missed an invalidation. Counts how often that happened.
        self._redis_invalidations = 0
        self._redis_is_stale = True
        self._recovering: asyncio.Task[None] | None = None
        self._bumping: Counter[str] = Counter()
        self._notified: set[str] = set()
        self._notification_tasks = TaskSet()
        if redis is not None:
            redis.breaker.on_open.append(self._on_redis_outage)
            redis.server_changes.on_change.append(self._on_redis_outage)

    @property
    def redis_is_valid(self) -> bool:
        """Whether entries in Redis can be used, and Redis is likely to answer."""
        return self._redis is not None and not self._redis_is_stale and not self._redis.breaker.is_open

    def is_bumping(self, tags: Collection[str]) -> bool:
        """Whether the version of one of the tags is being bumped."""
        return any(tag in self._bumping for tag in tags)

    async def invalidate(self, tags: Collection[str]) -> bool:
        """Invalidates for all processes. False if Redis is unavailable: all its entries are invalidated later."""
        if not tags:
            return True
        self._local.invalidate(tags)
        if self._versions is None:
            return True
        self._bumping.update(tags)
        try:
            await self._versions.bump(tags)
        except CacheUnavailable:
            self._invalidate_redis()
            return False
        finally:
            self._bumping.subtract(tags)
            for tag in tags:
                if not self._bumping[tag]:
                    del self._bumping[tag]
            # An entry that was read from Redis meanwhile may have been checked before the versions changed.
            self._local.invalidate(tags)
        return True

    def on_notification(self, tags: Collection[str]) -> None:
        """Invalidates in the background, together with other notifications of the same event-loop turn."""
        if not tags:
            return
        self._local.invalidate(tags)
        if not self._notified:
            self._notification_tasks.spawn(self._invalidate_notified())
        self._notified |= set(tags)

    async def drain(self) -> None:
        """Waits until all notifications are handled."""
        await self._notification_tasks.join()

    async def wait_recovered(self) -> None:
        """Waits until Redis is valid again, at most for one attempt."""
        if self._recovering is not None:
            await asyncio.wait([self._recovering], timeout=_RECOVERY_INTERVAL_SECONDS)

    def on_connected(self) -> None:
        """The notification listener is connected. Redis may have missed notifications before."""
        self.is_listening = True
        self._invalidate_redis()

    def on_disconnected(self) -> None:
        """The notification listener is disconnected: no value may be used."""
        self.is_listening = False
        self._local.clear()

    async def close(self) -> None:
        await self._notification_tasks.close()

    def _on_redis_outage(self) -> None:
        # A replica that is promoted may have missed invalidations.
        self._local.clear()
        self._invalidate_redis()

    def _invalidate_redis(self) -> None:
        self._redis_invalidations += 1
        self._redis_is_stale = True
        if self._versions is not None and (self._recovering is None or self._recovering.done()):
            self._recovering = self._tasks.spawn(self._recover(self._versions))

    async def _recover(self, versions: TagVersions) -> None:
        """Invalidates all entries in Redis as soon as it answers."""
        while self._redis_is_stale:
            invalidations = self._redis_invalidations
            try:
                await versions.bump([ALL_TAG])
            except CacheUnavailable:
                await asyncio.sleep(_RECOVERY_INTERVAL_SECONDS)
            else:
                self._redis_is_stale = invalidations != self._redis_invalidations

    async def _invalidate_notified(self) -> None:
        tags, self._notified = self._notified, set()
        await self.invalidate(tags)
