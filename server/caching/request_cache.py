"""One request's view of the field cache: scopes keys by viewer and computes missing values."""

import math
import random
from typing import Any

import structlog

from cache.metrics import CacheOutcome
from cache.store import FieldCache
from cache.types import CacheRequest, TagCollector
from db.core.read_session import PublicReadSession, ReadSession, ViewerNotAllowed
from db.core.statement import Row
from domain.errors import ClientError, OperationTimeout, ServiceUnavailable
from domain.request_stats import RequestStatistics
from engine.caching.policy import NO_STORE, CacheControl, CachedField, CachedRootField, CachedRun
from engine.caching.template import Template
from engine.nodes import Plan
from engine.request.compute_template import compute_template
from engine.run.deadline import Deadline
from loaders import Loaders
from resolvers.context import Context, Services
from server.settings import Settings

log = structlog.get_logger()


class RequestCache:
    """Implements `engine.caching.policy.FieldCacheView` for one request.

    Public values are computed anonymously: by a session without a viewer, in which row-level security shows public rows
    only and reading the viewer is an error. Editors see unpublished rows and have a scope of their own.
    """

    __slots__ = (
        "_cache", "_computed_at", "_fresh_until", "_is_private", "_parts", "_plan", "_reads", "_request_id",
        "_services", "_settings", "_tags", "_viewer",
    )  # fmt: skip

    def __init__(
        self,
        cache: FieldCache,
        services: Services,
        settings: Settings,
        reads: ReadSession,
        request_id: str,
    ) -> None:
        self._cache = cache
        self._reads = reads
        self._viewer = reads.viewer
        self._services = services
        self._settings = settings
        self._request_id = request_id
        # Root fields served from the cache, by response key.
        self._parts: dict[str, CachedRootField] = {}
        self._plan: Plan | None = None
        # The earliest of all parts.
        self._computed_at = self._fresh_until = math.inf
        self._is_private = reads.includes_unpublished
        self._tags: set[str] = set()

    @property
    def freshness(self) -> CacheControl:
        """The cache control of the response: no-store unless every root field was served from the cache."""
        if not self._is_fully_cached:
            return NO_STORE
        return CacheControl(self._computed_at, self._fresh_until, self._is_private, self._tags)

    @property
    def parts(self) -> list[CachedRootField]:
        if self._plan is None or self._is_private or not self._is_fully_cached:
            return []
        return [self._parts[field.key] for field in self._plan.root.fields]

    @property
    def _is_fully_cached(self) -> bool:
        return self._plan is not None and len(self._parts) == len(self._plan.root.fields)

    def get_local(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Template | None:
        if field.policy.is_private:
            return None
        scoped_key = self._scoped_key(field, key, source)
        found = None if scoped_key is None else self._cache.get_local(scoped_key)
        if scoped_key is None or found is None:
            return None
        entry, is_fresh = found
        template = entry.value
        if not self._is_usable_for_viewer(template):
            return None
        if not is_fresh:
            self._cache.revalidate(self._request(field, scoped_key, source, run))
        times = entry.computed_at, entry.fresh_until
        self._record(field, scoped_key, template, run, CacheOutcome.HIT if is_fresh else CacheOutcome.STALE, times)
        if self._settings.cache_surrogate_keys:
            self._tags |= entry.tags
        if self._settings.cache_shadow_sample_rate and random.random() < self._settings.cache_shadow_sample_rate:  # noqa: S311  # no secret
            self._cache.shadow_check(self._request(field, scoped_key, source, run), template)
        return template

    async def get_or_compute(self, field: CachedField, key: bytes, source: Any, run: CachedRun) -> Template | None:
        scoped_key = self._scoped_key(field, key, source)
        if scoped_key is None:
            return None
        request = self._request(field, scoped_key, source, run)
        try:
            result = await self._cache.get_or_compute(request)
        except ClientError:
            self._count(field, CacheOutcome.MISS, 0)
            raise
        if result is None or not self._is_usable_for_viewer(result.value):
            self._count(field, CacheOutcome.MISS, 0)
            return None
        times = result.computed_at, result.fresh_until
        self._record(field, request.key, result.value, run, result.outcome, times)
        if self._settings.cache_surrogate_keys:
            self._tags |= result.tags
        return result.value

    def _scoped_key(self, field: CachedField, key: bytes, source: Any) -> bytes | None:
        """The key with the row that is the parent, and who may get the value. None if it is not cacheable."""
        if isinstance(source, Row):
            # The path of the field does not name the row. One of a replica may be older than the tags of the value.
            if self._reads.used_replica or "id" not in source:
                return None
            key = b"%b:%b" % (key, source["id"].hex.encode())
        if field.policy.is_private:
            scope = b"anonymous" if self._viewer is None else self._viewer.id.hex.encode()
        else:
            scope = b"editors" if self._reads.includes_unpublished else b"public"
        return key + b":" + scope

    def _is_usable_for_viewer(self, template: Template) -> bool:
        """Null in an anonymous session does not mean null for the viewer."""
        return self._viewer is None or not template.is_null

    def _record(
        self,
        field: CachedField,
        scoped_key: bytes,
        template: Template,
        run: CachedRun,
        outcome: CacheOutcome,
        times: tuple[float, float],
    ) -> None:
        self._count(field, outcome, len(template.holes))
        if field.field.parent is None:
            self._plan = run.plan
            name = field.field.key
            self._parts[name] = CachedRootField(name.encode(), field.coordinates, scoped_key)
        self._computed_at, self._fresh_until = min(self._computed_at, times[0]), min(self._fresh_until, times[1])
        # A null may be a value for another viewer.
        self._is_private |= field.policy.is_private or bool(template.holes) or template.is_null

    def _count(self, field: CachedField, outcome: CacheOutcome, holes_filled: int) -> None:
        self._cache.metrics.count(field.coordinates, outcome, holes_filled)
        self._reads.statistics.count_cached(field.coordinates, outcome.value, holes_filled)

    def _request(self, field: CachedField, scoped_key: bytes, source: Any, run: CachedRun) -> CacheRequest:
        async def compute(collector: TagCollector) -> Template | None:
            return await self._compute(field, source, run, collector)

        return CacheRequest(scoped_key, field.max_age, not field.policy.is_private, compute)

    async def _compute(
        self, field: CachedField, source: Any, run: CachedRun, collector: TagCollector
    ) -> Template | None:
        """Raises ServiceUnavailable and OperationTimeout: a caller that computes the value itself would wait again."""
        statistics = RequestStatistics(sql_names=self._reads.statistics.sql_names)
        database = self._services.database
        reads = (
            ReadSession(database, self._viewer, statistics, collector)
            if field.policy.is_private
            else PublicReadSession(
                database, statistics, collector, includes_unpublished=self._reads.includes_unpublished
            )
        )
        # All values of a response have the same current time.
        reads.now = self._reads.now
        loaders = Loaders(reads)
        context = Context(self._request_id, self._services, reads, loaders, statistics)
        try:
            async with Deadline(self._settings.operation_timeout_seconds):
                template, errors = await compute_template(field, context, source, run.variables, run.limits)
        finally:
            await loaders.close()
            self._reads.statistics.add(statistics)
        for error in errors:
            original = getattr(error, "original_error", error)
            if isinstance(original, ServiceUnavailable | OperationTimeout):
                raise original
            if isinstance(original, ViewerNotAllowed):
                # The field is resolved without the cache, and its declaration has to be corrected.
                log.error("public field read the viewer", field=field.coordinates)
                if self._settings.is_development:
                    raise ViewerNotAllowed(field.coordinates)
        return template
