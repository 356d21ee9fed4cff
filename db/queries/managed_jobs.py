"""Queries for jobs as administrators see them, to whom row-level security shows those of all users."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Double, Integer, Text, bindparam, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.tables.base import Timestamp
from db.tables.jobs import jobs, model_usage
from domain.enums import JobKind, JobStatus
from domain.ids import JobId, UserId, parse_global_id_as
from domain.list_sizes import MAX_LOG_ENTRIES_OF_JOB


class ManagedJobRow(Row):
    """A job without its input and result, to which only its user has access. `error` is JSON as text."""

    __slots__ = ()
    id: JobId
    user_id: UserId | None
    kind: JobKind
    status: JobStatus
    progress: float
    message: str | None
    attempts: int
    max_attempts: int
    created_at: datetime
    scheduled_for: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None


class JobLogEntryRow(Row):
    """The state of a job after a change. `error` is JSON as text."""

    __slots__ = ()
    job_id: JobId
    at: datetime
    status: str
    message: str | None
    attempts: int
    error: str | None


class ModelUsageRow(Row):
    """Requests of a job to language models. `cost`: in US dollars."""

    __slots__ = ()
    id: JobId
    requests: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


class JobOwnerRow(Row):
    """Whose a job is; None after the account was erased."""

    __slots__ = ()
    user_id: UserId | None
    status: JobStatus


class FailedJobRow(Row):
    """A failed job that can be retried."""

    __slots__ = ()
    id: JobId
    user_id: UserId


_columns = row_columns(jobs, ManagedJobRow)
paged_jobs_of_users = NestedPagedQuery(
    select(*_columns),
    jobs.c.user_id,
    Ordering("user.jobs", (jobs.c.id,), descending=True),
    ManagedJobRow,
    rls_scoped=True,
)

# The newest changes of each job, newest first.
logs_by_job_id = Query(
    text("""
select jobs.id as job_id, at, state ->> 'status' as status, state ->> 'message' as message,
    coalesce((state ->> 'attempts')::int, 0) as attempts, nullif(state -> 'error', 'null') as error
from unnest(:ids) as jobs (id) cross join lateral (
    select job_events.id, at, state from job_events where job_id = jobs.id order by job_events.id desc limit :limit
) as events
order by job_id, events.id desc
""").bindparams(bindparam("ids", type_=ARRAY(UuidType)), bindparam("limit", MAX_LOG_ENTRIES_OF_JOB, type_=Integer)),
    JobLogEntryRow,
    rls_scoped=True,
)
model_usage_by_job_id = Query(
    select(
        model_usage.c.job_id.label("id"),
        cast(func.count(), Integer).label("requests"),
        cast(func.sum(model_usage.c.prompt_tokens), Integer).label("prompt_tokens"),
        cast(func.sum(model_usage.c.completion_tokens), Integer).label("completion_tokens"),
        cast(func.sum(model_usage.c.cost), Double).label("cost"),
    )
    .where(any_of(model_usage.c.job_id, IDS))
    .group_by(model_usage.c.job_id),
    ModelUsageRow,
    rls_scoped=True,
)
# Parameter: job_id.
job_owner = Query(
    select(jobs.c.user_id, jobs.c.status).where(jobs.c.id == bindparam("job_id", type_=UuidType)),
    JobOwnerRow,
    rls_scoped=True,
)
# The oldest first. Those of deleted and blocked accounts stay. Parameters: kind, after, limit.
failed_jobs = Query(
    text("""
select jobs.id, jobs.user_id from jobs join users on users.id = user_id
where kind = :kind and status = 'FAILED' and jobs.id > :after and users.deleted_at is null
    and (blocked_at is null or blocked_until <= now())
order by jobs.id limit :limit
""").bindparams(bindparam("kind", type_=Text), bindparam("after", type_=UuidType), bindparam("limit", type_=Integer)),
    FailedJobRow,
    rls_scoped=True,
)


@dataclass
class ManagedJobFilter(ListFilter):
    """Filters of the list of all jobs."""

    kind: JobKind | None = filter_field(
        Filter("Filter by kind.", lambda jobs, kind: jobs.c.kind == kind, Text, lambda _, kind: kind.value)
    )
    status: JobStatus | None = filter_field(
        Filter("Filter by status.", lambda jobs, status: jobs.c.status == status, Text, lambda _, status: status.value)
    )
    user_id: str | None = filter_field(
        Filter(
            "Filter by the user whose jobs they are.",
            lambda jobs, id: jobs.c.user_id == id,
            UuidType,
            lambda _, id: parse_global_id_as(UserId, id),
            is_id=True,
        )
    )
    created_from: datetime | None = filter_field(
        Filter("Inclusive lower bound of the creation time.", lambda jobs, time: jobs.c.created_at >= time, Timestamp)
    )
    created_to: datetime | None = filter_field(
        Filter("Exclusive upper bound of the creation time.", lambda jobs, time: jobs.c.created_at < time, Timestamp)
    )


@cache_by_variant
def paged_managed_jobs(filter: ManagedJobFilter) -> PagedQuery[ManagedJobRow]:
    """All jobs, newest first. Parameters: those of the filter."""
    ordering = Ordering("jobs", (jobs.c.id,), descending=True)
    return PagedQuery(filter.apply(select(*_columns), jobs), ordering, ManagedJobRow, rls_scoped=True)
