"""Queries for administrators, to whom row-level security shows the rows of all users."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Double, bindparam, cast, func, or_, select
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.tables.administration import audit_log
from db.tables.base import Timestamp
from db.tables.jobs import jobs
from domain.enums import JobStatus
from domain.ids import UserId, parse_global_id, parse_global_id_as


class JobStatsRow(Row):
    """Statistics of all jobs."""

    __slots__ = ()
    queued: int
    running: int
    succeeded24h: int
    failed24h: int
    oldest_queued_seconds: float


class AuditEntryRow(Row):
    """An entry of the audit log. `changes` is JSON as text."""

    __slots__ = ()
    id: UUID
    at: datetime
    actor_id: UserId | None
    action: str
    entity: str
    entity_id: UUID
    changes: str
    request_id: str | None


_day_ago = bindparam("day_ago", type_=Timestamp)
_waiting = or_(jobs.c.status == JobStatus.QUEUED.value, jobs.c.status == JobStatus.RETRYING.value)
job_stats = Query(
    select(
        func.count().filter(_waiting).label("queued"),
        func.count().filter(jobs.c.status == JobStatus.RUNNING.value).label("running"),
        func.count()
        .filter(jobs.c.status == JobStatus.SUCCEEDED.value, jobs.c.finished_at > _day_ago)
        .label("succeeded24h"),
        func.count().filter(jobs.c.status == JobStatus.FAILED.value, jobs.c.finished_at > _day_ago).label("failed24h"),
        func.greatest(
            0.0, cast(func.extract("epoch", func.now() - func.min(jobs.c.scheduled_for).filter(_waiting)), Double)
        ).label("oldest_queued_seconds"),
    ),
    JobStatsRow,
    rls_scoped=True,
)

_entries = select(*row_columns(audit_log, AuditEntryRow))
audit_entries_by_id = Query(_entries.where(any_of(audit_log.c.id, IDS)), AuditEntryRow, rls_scoped=True)


@dataclass
class AuditFilter(ListFilter):
    """Filters of the audit log."""

    actor_id: str | None = filter_field(
        Filter(
            "Filter by the user who made the change.",
            lambda audit_log, id: audit_log.c.actor_id == id,
            UuidType,
            lambda _, id: parse_global_id_as(UserId, id),
        )
    )
    entity_id: str | None = filter_field(
        Filter(
            "Filter by the id of the changed object.",
            lambda audit_log, id: audit_log.c.entity_id == id,
            UuidType,
            lambda _, id: parse_global_id(id)[1],
        )
    )


@cache_by_variant
def paged_audit_entries(filter: AuditFilter) -> PagedQuery[AuditEntryRow]:
    """The audit log, latest first. Parameters: those of the filter."""
    ordering = Ordering("audit", (audit_log.c.at, audit_log.c.id), descending=True)
    return PagedQuery(filter.apply(_entries, audit_log), ordering, AuditEntryRow, rls_scoped=True)
