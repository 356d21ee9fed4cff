"""Resolvers for administrators. The parent is the administrator. Each look at the audit log is an audit entry."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import strawberry

from cache import metrics as cache_metrics
from cache.metrics import Counts
from db.commands.administration import insert_audit_look, insert_looks, look_values
from db.core.database import PoolStats
from db.core.pagination import Page
from db.queries import administration as queries
from db.queries.administration import (
    AuditEntryRow,
    AuditFilter,
    JobStatsRow,
)
from domain.field_changes import bounded_changes
from domain.ids import UserId, global_id, new_id
from domain.pages import page_arguments
from domain.viewer import Viewer
from resolvers.context import Info
from resolvers.health import SystemHealth
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class _Counted:
    """The common fields of cache statistics. Stale values count as hits."""

    counts: Counts

    @property
    def hits(self) -> int:
        return self.counts.hits + self.counts.stale

    @property
    def misses(self) -> int:
        return self.counts.misses

    @property
    def hit_rate(self) -> float:
        return self.counts.hit_rate


@dataclass(frozen=True, slots=True)
class CacheStats(_Counted):
    """Statistics of the field cache in all processes, since the server started."""

    backend: str
    entries: int


@dataclass(frozen=True, slots=True)
class FieldCacheStats(_Counted):
    """Statistics of one field."""

    field: str


def admin(info: Info) -> Viewer | None:
    viewer = info.context.viewer
    return viewer if viewer is not None and viewer.is_admin else None


async def health(info: Info) -> SystemHealth:
    return await info.context.services.health.check()


async def cache_stats(info: Info) -> CacheStats:
    services = info.context.services
    if services.field_cache is None:
        return CacheStats(Counts(), "off", 0)
    snapshot = await services.metrics.snapshot()
    entries = int(snapshot.value(cache_metrics.ENTRIES))
    return CacheStats(Counts.from_metrics(snapshot), services.field_cache.backend, entries)


async def cache_stats_by_field(info: Info) -> list[FieldCacheStats]:
    services = info.context.services
    if services.field_cache is None:
        return []
    snapshot = await services.metrics.snapshot()
    fields = sorted(snapshot.values_by("field", cache_metrics.REQUESTS))
    return [FieldCacheStats(Counts.from_metrics(snapshot, field=field), field) for field in fields]


async def pool_stats(info: Info) -> PoolStats:
    return PoolStats.from_metrics(await info.context.services.metrics.snapshot())


def pool_utilization(parent: strawberry.Parent[PoolStats]) -> float:
    return parent.in_use / parent.limit


async def job_stats(info: Info) -> JobStatsRow:
    [counted] = await info.context.reads.rows(queries.job_stats, day_ago=info.context.now - timedelta(days=1))
    return counted


def completion_rate(parent: strawberry.Parent[JobStatsRow]) -> float:
    """1 if no job finished."""
    ended = parent.succeeded24h + parent.failed24h
    return parent.succeeded24h / ended if ended else 1.0


async def audit_log(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    actor_id: strawberry.ID | None = None,
    entity_id: strawberry.ID | None = None,
) -> Page[AuditEntryRow]:
    reads, filter = info.context.reads, AuditFilter(actor_id, entity_id)
    arguments, parameters = page_arguments(first, after), filter.parameters()
    await reads.log_access(insert_audit_look, id=new_id())
    # Objects are found by their ids only, so that one of any type may be that of a user.
    named = {UserId(id) for id in parameters.values() if isinstance(id, UUID)} - {info.context.require_viewer().id}
    if named:
        await reads.log_access(insert_looks, **look_values(sorted(named)))
    return await reads.page(queries.paged_audit_entries(filter), arguments, **parameters)


audit_actor = load_by_key(lambda loaders: loaders.users.user_by_id, key="actor_id")


def audit_entity_id(parent: strawberry.Parent[AuditEntryRow]) -> strawberry.ID:
    return strawberry.ID(global_id(parent.entity, parent.entity_id))


def audit_changes(parent: strawberry.Parent[AuditEntryRow]) -> str:
    return bounded_changes(parent.changes)
