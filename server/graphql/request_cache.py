"""The field cache of a process, and what a request sees of it: who may share what, and in whose name it is made."""

import asyncio
import hashlib
import math
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import structlog

from cache.invalidation import Invalidation
from cache.metrics import Outcome
from cache.redis.client import RedisClient
from cache.store import FieldCache
from cache.types import OnRead, Wanted
from db.core.database import Database
from db.core.read_session import Reads, SharedReads, ViewerRead
from db.notify.cache_tags import Change, tags_of
from db.notify.listener import Changes
from domain.errors import ClientError, OperationTimeout, ServiceUnavailable
from domain.request_stats import RequestStatistics
from engine.caching.compute import make_shell
from engine.caching.policy import NOT_KEPT, CachedField, CachedPart, Freshness
from engine.caching.template import Shell
from engine.plan.nodes import Plan
from engine.run.context import Run
from loaders import Loaders
from resolvers.context import Context, Services
from schema import sdl
from server.settings import Settings

log = structlog.get_logger()


class RequestCache:
    """What is kept for everybody, and for this viewer. See `engine.caching.policy.CacheAccess`.

    What is for everybody is made by nobody: by a session that is not signed in, to which row-level security shows
    public rows alone, and for which asking who the viewer is is an error. Editors, who see more, have their own.
    """

    __slots__ = (
        "_cache", "_fresh_until", "_is_private", "_made_at", "_parts", "_plan", "_reads", "_request_id", "_services",
        "_settings", "_tags", "_viewer",
    )  # fmt: skip

    def __init__(
        self,
        cache: FieldCache[Shell],
        services: Services,
        settings: Settings,
        reads: Reads,
        request_id: str,
    ) -> None:
        self._cache = cache
        self._reads = reads
        self._viewer = reads.viewer
        self._services = services
        self._settings = settings
        self._request_id = request_id
        # The root fields that were answered from here, by their names in the answer.
        self._parts: dict[str, CachedPart] = {}
        self._plan: Plan | None = None
        # Of the oldest part, and of the one that is fresh for the shortest time.
        self._made_at = self._fresh_until = math.inf
        self._is_private = reads.sees_unpublished
        self._tags: set[str] = set()

    @property
    def freshness(self) -> Freshness:
        """What was not answered from here may not be kept, nor may what has personal fields in it."""
        if not self._answered_all:
            return NOT_KEPT
        return Freshness(self._made_at, self._fresh_until, self._is_private, self._tags)

    @property
    def parts(self) -> list[CachedPart]:
        if self._plan is None or self._is_private or not self._answered_all:
            return []
        return [self._parts[field.key] for field in self._plan.root.fields]

    @property
    def _answered_all(self) -> bool:
        return self._plan is not None and len(self._parts) == len(self._plan.root.fields)

    def look_up(self, field: CachedField, key: bytes, source: Any, run: Run) -> Shell | None:
        if field.policy.is_private:
            return None
        own_key = self._key(field, key)
        found = self._cache.look_up(own_key)
        if found is None:
            return None
        kept, is_fresh = found
        shell = kept.value
        if not self._is_for_viewer(shell):
            return None
        if not is_fresh:
            self._cache.refresh(self._wanted(field, key, source, run))
        times = kept.made_at, kept.fresh_until
        self._note(field, own_key, shell, run, Outcome.HIT if is_fresh else Outcome.STALE, times)
        if self._settings.cache_surrogate_keys:
            self._tags |= kept.tags
        if self._settings.cache_shadow_share and random.random() < self._settings.cache_shadow_share:  # noqa: S311  # no secret
            self._cache.verify(self._wanted(field, key, source, run), shell)
        return shell

    async def fetch(self, field: CachedField, key: bytes, source: Any, run: Run) -> Shell | None:
        wanted = self._wanted(field, key, source, run)
        try:
            found = await self._cache.fetch(wanted)
        except ClientError:
            self._count(field, Outcome.MISS, 0)
            raise
        if found is None or not self._is_for_viewer(found.value):
            self._count(field, Outcome.MISS, 0)
            return None
        self._note(field, wanted.key, found.value, run, found.outcome, (found.made_at, found.fresh_until))
        if self._settings.cache_surrogate_keys:
            self._tags |= found.tags
        return found.value

    def _key(self, field: CachedField, key: bytes) -> bytes:
        if field.policy.is_private:
            owner = b"nobody" if self._viewer is None else self._viewer.id.hex.encode()
        else:
            owner = b"editors" if self._reads.sees_unpublished else b"everybody"
        return key + b":" + owner

    def _is_for_viewer(self, shell: Shell) -> bool:
        """What nobody sees may still be the viewer's to see."""
        return self._viewer is None or not shell.is_null

    def _note(
        self,
        field: CachedField,
        own_key: bytes,
        shell: Shell,
        run: Run,
        outcome: Outcome,
        times: tuple[float, float],
    ) -> None:
        self._count(field, outcome, len(shell.gaps))
        if field.field.selection.position is None:
            self._plan = run.plan
            name = field.field.key
            self._parts[name] = CachedPart(name.encode(), field.coordinates, own_key)
        self._made_at, self._fresh_until = min(self._made_at, times[0]), min(self._fresh_until, times[1])
        # What nobody sees may be there for somebody: that is for them to ask.
        self._is_private |= field.policy.is_private or bool(shell.gaps) or shell.is_null

    def _count(self, field: CachedField, outcome: Outcome, holes: int) -> None:
        self._cache.statistics.count(field.coordinates, outcome, holes)
        self._reads.statistics.count_cached(field.coordinates, outcome.value, holes)

    def _wanted(self, field: CachedField, key: bytes, source: Any, run: Run) -> Wanted[Shell]:
        async def make(on_read: OnRead) -> Shell | None:
            return await self._make(field, source, run, on_read)

        return Wanted(self._key(field, key), field.max_age, not field.policy.is_private, make)

    async def _make(self, field: CachedField, source: Any, run: Run, on_read: OnRead) -> Shell | None:
        """Raises ServiceUnavailable and OperationTimeout: whoever made it for themselves would wait once more."""
        statistics = RequestStatistics()
        database = self._services.database
        reads = (
            Reads(database, self._viewer, statistics, on_read)
            if field.policy.is_private
            else SharedReads(database, statistics, on_read, sees_unpublished=self._reads.sees_unpublished)
        )
        # All of an answer is as of one moment.
        reads.now = self._reads.now
        loaders = Loaders(reads)
        context = Context(self._request_id, self._services, reads, loaders, statistics)
        try:
            async with asyncio.timeout(self._settings.operation_timeout_seconds):
                shell, errors = await make_shell(field, context, source, run.variables, run.limits)
        except TimeoutError:
            seconds = self._settings.operation_timeout_seconds
            raise OperationTimeout(f"The operation did not finish within {seconds:g} seconds.") from None
        finally:
            await loaders.close()
            self._reads.statistics.add(statistics)
        for error in errors:
            original = getattr(error, "original_error", error)
            if isinstance(original, ServiceUnavailable | OperationTimeout):
                raise original
            if isinstance(original, ViewerRead):
                # It is answered as if there were no cache; but somebody has to know.
                log.error("a shared field asks for the viewer", field=field.coordinates)
                if self._settings.is_development:
                    raise ViewerRead(field.coordinates)
        return shell


class _Follower:
    """Tells the cache what changed."""

    def __init__(self, invalidation: Invalidation) -> None:
        self._invalidation = invalidation

    def changed(self, change: Change) -> None:
        self._invalidation.heard(tags_of(change))

    def lost(self) -> None:
        self._invalidation.distrust()

    def found(self) -> None:
        self._invalidation.trust()

    async def settled(self) -> None:
        await self._invalidation.settled()


@asynccontextmanager
async def open_field_cache(
    database: Database, redis: RedisClient | None, changes: Changes, settings: Settings
) -> AsyncIterator[FieldCache[Shell] | None]:
    """None where it is off."""
    if settings.cache == "off" or settings.execution == "interpreted":
        yield None
        return
    schema_version = hashlib.sha256(sdl().encode()).hexdigest()[:12]
    # Processes of several versions share the versions of tags, and databases that share a Redis share nothing.
    prefix = f"shinjp:{await database.identity()}"
    cache: FieldCache[Shell] = FieldCache(redis, prefix, schema_version, Shell.decode, settings.cache_memory_bytes)
    try:
        with changes.follow(_Follower(cache.invalidation)):
            yield cache
    finally:
        await cache.close()
