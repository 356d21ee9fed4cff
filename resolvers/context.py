"""The context of resolvers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import strawberry

from cache.redis.client import RedisClient
from cache.redis.cost_limits import ClientBudget
from cache.redis.rate_limiter import RateLimits
from cache.store import FieldCache
from cache.types import ALL_TAG
from common.metrics.process import ProcessMetrics
from common.storage import Storage
from db.core.cache_tags import is_private, tags_for
from db.core.changes import Change
from db.core.database import Database
from db.core.read_session import ReadSession
from db.core.transaction import Transaction, run_transaction
from db.notify.listener import NotificationListener
from domain.accounts import AccountDeletion
from domain.debug_options import NO_DEBUG_OPTIONS, DebugOptions
from domain.errors import Unauthenticated
from domain.exports import ExportLinks
from domain.request_stats import RequestStatistics
from domain.uploads import UploadLimits
from domain.viewer import Viewer
from engine.caching.policy import FieldCacheView
from jobs.cover_files import CoverFiles
from jobs.export_files import ExportFiles
from loaders import Loaders
from resolvers.health import Health

ResultT = TypeVar("ResultT")


@dataclass(frozen=True, slots=True)
class Services:
    """Services of the process."""

    database: Database
    redis: RedisClient | None
    # None if CACHE is off.
    field_cache: FieldCache | None
    changes: NotificationListener
    # Signs the links to exported files.
    export_links: ExportLinks
    export_files: ExportFiles
    rate_limits: RateLimits
    health: Health
    # The content of uploaded files.
    uploads: Storage
    upload_limits: UploadLimits
    metrics: ProcessMetrics
    covers: CoverFiles
    # Whether textbooks are generated about any topic, by a language model.
    any_topic: bool = False
    # Whether webhooks may have http URLs and private addresses.
    allow_private_webhooks: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a request, or of an event of a subscription."""

    request_id: str
    services: Services
    reads: ReadSession
    loaders: Loaders
    statistics: RequestStatistics
    debug: DebugOptions = NO_DEBUG_OPTIONS
    introspection: bool = True
    # The id of the last event that the client of a subscription received.
    last_event_id: int | None = None
    # None disables the field cache.
    cache: FieldCacheView | None = None
    # None unless the viewer's account was deleted.
    deletion: AccountDeletion | None = None
    # None if cost is not limited.
    budget: ClientBudget | None = None

    @property
    def viewer(self) -> Viewer | None:
        return self.reads.viewer

    @property
    def now(self) -> datetime:
        """The time of the request."""
        return self.reads.now

    def require_viewer(self) -> Viewer:
        """The viewer. Raises Unauthenticated for an anonymous request."""
        if self.viewer is None:
            raise Unauthenticated("Authentication required.")
        return self.viewer

    async def run_transaction(self, work: Callable[[Transaction], Awaitable[ResultT]]) -> ResultT:
        """Run `work` in a transaction and invalidate the cached values that it changes.

        Raises Unauthenticated for an anonymous request, and ServiceUnavailable after repeated conflicts.
        """
        viewer = self.require_viewer()
        try:
            return await run_transaction(
                self.services.database, viewer, self.now, self.request_id, self.statistics, work, self._invalidate
            )
        finally:
            self.loaders.forget()

    async def _invalidate(self, changes: list[Change] | None) -> None:
        """Waits until no process serves a cached value that the changes invalidate. None: everything is invalidated."""
        tags = {ALL_TAG} if changes is None else set().union(*map(tags_for, changes))
        cache = self.services.field_cache
        is_invalidated = cache is None or await cache.invalidation.invalidate(tags)
        # Per-viewer values are in Redis alone: no other process has to be notified.
        if not is_invalidated or not all(map(is_private, tags)):
            await self.services.changes.wait_for_all()


Info = strawberry.Info[Context, None]
