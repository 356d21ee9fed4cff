"""The context of resolvers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

import strawberry

from cache.redis.client import RedisClient
from cache.redis.cost_limits import ClientBudget
from cache.redis.rate_limiter import RateLimits
from cache.store import FieldCache
from cache.types import ALL_TAG
from common.metrics.process import ProcessMetrics
from common.shared_calls import SharedCalls
from common.storage import Storage
from db.core.attempt import Attempt, run_attempt
from db.core.cache_tags import is_private, tags_for
from db.core.changes import Change
from db.core.database import Database
from db.core.read_session import ReadSession
from db.core.replication.replica_set import ReplicaSet
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
    # None without REPLICA_DATABASE_URLS.
    replicas: ReplicaSet | None = None
    # What several streams of a viewer read at the same time.
    shared_reads: SharedCalls = field(default_factory=SharedCalls)


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

    async def run_transaction(
        self,
        work: Callable[[Transaction], Awaitable[ResultT]],
        attempt: Callable[[Attempt], Awaitable[tuple[ResultT, str] | None]] | None = None,
    ) -> ResultT:
        """Run `work` in a transaction and invalidate the cached values that it changes.

        `attempt`: does the same with fewer round trips, see `run_attempt`; `work` runs if it saves nothing.

        Raises Unauthenticated for an anonymous request, and ServiceUnavailable after repeated conflicts.
        """
        viewer, replicas = self.require_viewer(), self.services.replicas
        database, result = self.services.database, None
        try:
            if attempt is not None:
                result = await run_attempt(database, viewer, self.now, self.statistics, attempt, self._invalidate)
            if result is None:
                result = await run_transaction(
                    database, viewer, self.now, self.request_id, self.statistics, work, self._invalidate
                )
        finally:
            self.loaders.forget()
        if replicas is not None:
            self.reads.after = await replicas.read_position()
        return result

    async def read_from_replica(self) -> None:
        """Execute the queries of the request on a replica, if one has everything that the viewer has to see.

        Administrators read from the primary: they look at what happens now.
        """
        replicas, viewer = self.services.replicas, self.viewer
        if replicas is None or (viewer is not None and viewer.is_admin):
            return
        # Before the choice: a later change replaces what the process knows, which then does not get older rows.
        self.loaders.fix_known_words()
        replica = await replicas.choose(None if viewer is None else viewer.id, self.reads.after)
        if replica is not None:
            self.reads.read_from(replica)

    async def _invalidate(self, changes: list[Change] | None) -> None:
        """Waits until no process serves a cached value that the changes invalidate. None: everything is invalidated."""
        tags = {ALL_TAG} if changes is None else set().union(*map(tags_for, changes))
        cache = self.services.field_cache
        is_invalidated = cache is None or await cache.invalidation.invalidate(tags)
        self.services.changes.on_commit(changes)
        # Per-viewer values are in Redis alone: no other process has to be notified.
        if not is_invalidated or not all(map(is_private, tags)):
            await self.services.changes.wait_for_all()


Info = strawberry.Info[Context, None]
