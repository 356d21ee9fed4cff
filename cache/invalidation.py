"""What becomes old, and when this process and Redis can be trusted to know."""

import asyncio
from collections import Counter
from collections.abc import Collection
from typing import Any

from cache.local_store import Memory
from cache.redis.client import CacheUnavailable, RedisClient
from cache.tag_versions import Versions
from cache.task_set import Tasks
from cache.types import EVERYTHING

_RECOVER_EVERY_SECONDS = 0.5


class Invalidation:
    """Of one process, which hears of changes or does not. `versions`: None without Redis."""

    def __init__(self, redis: RedisClient | None, versions: Versions | None, memory: Memory[Any], tasks: Tasks) -> None:
        self._redis = redis
        self._versions = versions
        self._memory = memory
        self._tasks = tasks
        self.hears_changes = False
        # What Redis has may be older than a change that nobody told it. Counts how often that became so.
        self._distrusted = 0
        self._distrusts_redis = True
        self._recovering: asyncio.Task[None] | None = None
        self._renewing: Counter[str] = Counter()
        self._heard: set[str] = set()
        self._telling = Tasks()
        if redis is not None:
            redis.breaker.on_open.append(self._redis_failed)

    @property
    def trusts_redis(self) -> bool:
        """Whether what Redis has can be believed, and is worth asking for."""
        return self._redis is not None and not self._distrusts_redis and not self._redis.breaker.is_open

    def is_renewing(self, tags: Collection[str]) -> bool:
        """Whether Redis is being told just now that one of these changed."""
        return any(tag in self._renewing for tag in tags)

    async def change(self, tags: Collection[str]) -> bool:
        """What is made of these is old, for all processes. False where Redis could not be told: it will be."""
        if not tags:
            return True
        self._memory.change(tags)
        if self._versions is None:
            return True
        self._renewing.update(tags)
        try:
            await self._versions.renew(tags)
        except CacheUnavailable:
            self._distrust_redis()
            return False
        finally:
            self._renewing.subtract(tags)
            for tag in tags:
                if not self._renewing[tag]:
                    del self._renewing[tag]
            # What Redis gave meanwhile may have been checked before it was told.
            self._memory.change(tags)
        return True

    def heard(self, tags: Collection[str]) -> None:
        """`change`, in the background, along with what is heard in the same turn of the event loop."""
        if not tags:
            return
        self._memory.change(tags)
        if not self._heard:
            self._telling.run(self._change_heard())
        self._heard |= set(tags)

    async def settled(self) -> None:
        """Until all that was `heard` has been done."""
        await self._telling.ended()

    async def recovered(self) -> None:
        """Until Redis is trusted again, or was found to be away."""
        if self._recovering is not None:
            await asyncio.wait([self._recovering], timeout=_RECOVER_EVERY_SECONDS)

    def trust(self) -> None:
        """All changes are heard from now on. What Redis has may have missed some."""
        self.hears_changes = True
        self._distrust_redis()

    def distrust(self) -> None:
        """No changes are heard any more."""
        self.hears_changes = False
        self._memory.clear()

    async def close(self) -> None:
        await self._telling.close()

    def _redis_failed(self) -> None:
        # A server that takes over may have missed what was told to the one that is gone.
        self._memory.clear()
        self._distrust_redis()

    def _distrust_redis(self) -> None:
        self._distrusted += 1
        self._distrusts_redis = True
        if self._versions is not None and (self._recovering is None or self._recovering.done()):
            self._recovering = self._tasks.run(self._recover(self._versions))

    async def _recover(self, versions: Versions) -> None:
        """Makes everything void that Redis has, as soon as it answers."""
        while self._distrusts_redis:
            distrusted = self._distrusted
            try:
                await versions.renew([EVERYTHING])
            except CacheUnavailable:
                await asyncio.sleep(_RECOVER_EVERY_SECONDS)
            else:
                self._distrusts_redis = distrusted != self._distrusted

    async def _change_heard(self) -> None:
        tags, self._heard = self._heard, set()
        await self.change(tags)
