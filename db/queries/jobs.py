"""Queries for the viewer's jobs and their events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    and_,
    bindparam,
    cast,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.base import Timestamp
from db.tables.jobs import job_events, jobs
from db.tables.users import users
from domain.enums import JobKind, JobStatus, Role
from domain.ids import JobId, TextbookId
from domain.jobs import TERMINAL

_JOB_ID = bindparam("job_id", type_=UuidType)
_KIND = bindparam("kind", type_=Text)
_LIMIT = bindparam("limit", type_=Integer)


def _is_finished(status: ColumnElement[str]) -> ColumnElement[bool]:
    return any_of(status, cast(sorted(ended.value for ended in TERMINAL), ARRAY(Text)))


class JobRow(Row):
    """A job. `error` and `result` are JSON as text."""

    __slots__ = ()
    id: JobId
    textbook_id: TextbookId | None
    kind: JobKind
    status: JobStatus
    progress: float
    completed_steps: int
    total_steps: int
    message: str | None
    attempts: int
    max_attempts: int
    created_at: datetime
    scheduled_for: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None
    result: str | None


class AttemptRow(JobRow):
    """A job with the columns for workers. `input` and `plan`, which the first attempt made, are JSON as text."""

    __slots__ = ()
    attempt_id: UUID | None
    entry_id: UUID
    priority: int
    input: str
    plan: str | None


class OwnerRow(Row):
    """The owner of a job."""

    __slots__ = ()
    role: Role


class JobEventRow(JobRow):
    """The state of a job after a change. Event ids increase in the order of the changes of a user's jobs."""

    __slots__ = ()
    event_id: int
    # The number of earlier changes that are omitted; only in rows of `merged`.
    merged: int


class JobCreationRow(Row):
    """The time at which a job was created."""

    __slots__ = ()
    created_at: datetime


class JobCountsRow(Row):
    """Numbers of unfinished jobs."""

    __slots__ = ()
    waiting: int
    running: int


class DownloadRow(Row):
    """The role with which the owner of an exported file may download it; None for a blocked or unknown owner."""

    __slots__ = ()
    role: Role | None


class ExportUsageRow(Row):
    """The number of unfinished exports, and the number and total size of files since a time."""

    __slots__ = ()
    unfinished: int
    files: int
    size: int
    oldest: datetime | None


_own_jobs = select(*row_columns(jobs, JobRow)).where(jobs.c.user_id == VIEWER_ID)

jobs_by_id = Query(_own_jobs.where(any_of(jobs.c.id, IDS)), JobRow, rls_scoped=True)

# Parameters: kind, idempotency_key.
job_by_idempotency_key = Query(
    _own_jobs.where(jobs.c.kind == _KIND, jobs.c.idempotency_key == bindparam("idempotency_key", type_=Text)),
    JobRow,
    rls_scoped=True,
)


def is_pending_vacation() -> ColumnElement[bool]:
    """Return whether a job has yet to save the viewer's change of a vacation."""
    return and_(
        jobs.c.user_id == VIEWER_ID,
        jobs.c.kind == JobKind.RESCHEDULE_CARDS.value,
        ~_is_finished(jobs.c.status),
        jobs.c.plan.is_(None),
        jobs.c.input.has_key(literal_column("'vacation'")),
    )


# Parameter: job_id.
attempt_by_job_id = Query(
    _own_jobs.add_columns(*row_columns(jobs, AttemptRow)).where(jobs.c.id == _JOB_ID), AttemptRow, rls_scoped=True
)

# None if the account was deleted after it requested the job: a deleted account may only export its data. Parameter:
# job_id.
owner_of_job = Query(
    select(users.c.role)
    .join(jobs, jobs.c.user_id == users.c.id)
    .where(
        jobs.c.id == _JOB_ID,
        users.c.id == VIEWER_ID,
        or_(users.c.deleted_at.is_(None), users.c.deleted_at <= jobs.c.created_at),
    ),
    OwnerRow,
    rls_scoped=True,
)

# Parameter: kind.
job_counts = Query(
    select(
        func.count().filter(jobs.c.status != JobStatus.RUNNING.value).label("waiting"),
        func.count().filter(jobs.c.status == JobStatus.RUNNING.value).label("running"),
    ).where(jobs.c.user_id == VIEWER_ID, jobs.c.kind == _KIND, ~_is_finished(jobs.c.status)),
    JobCountsRow,
    rls_scoped=True,
)

_is_file = (jobs.c.status == JobStatus.SUCCEEDED.value) & (jobs.c.finished_at > bindparam("since", type_=Timestamp))
# Older results have only the size of the uncompressed text.
_stored_bytes = func.coalesce(jobs.c.result["storedBytes"].astext, jobs.c.result["sizeBytes"].astext)
# Parameter: since.
export_usage = Query(
    select(
        func.count().filter(~_is_finished(jobs.c.status)).label("unfinished"),
        func.count().filter(_is_file).label("files"),
        cast(func.coalesce(func.sum(cast(_stored_bytes, BigInteger)).filter(_is_file), 0), BigInteger).label("size"),
        func.min(jobs.c.finished_at).filter(_is_file).label("oldest"),
    ).where(jobs.c.user_id == VIEWER_ID, jobs.c.kind == JobKind.EXPORT.value),
    ExportUsageRow,
    rls_scoped=True,
)

# See db/migrations/versions/0085_downloads.py. Parameter: job_id.
role_of_download = Query(
    select(func.role_of_download(bindparam("job_id", type_=UuidType)).label("role")), DownloadRow, rls_scoped=False
)

# Parameters: kind, since.
jobs_since = Query(
    select(jobs.c.created_at)
    .where(jobs.c.user_id == VIEWER_ID, jobs.c.kind == _KIND, jobs.c.created_at > bindparam("since", type_=Timestamp))
    .order_by(jobs.c.created_at),
    JobCreationRow,
    rls_scoped=True,
)

# The newest generation job of each textbook.
jobs_by_textbook_id = Query(
    _own_jobs.where(any_of(jobs.c.textbook_id, IDS), jobs.c.kind == JobKind.GENERATE_TEXTBOOK.value)
    .ext(distinct_on(jobs.c.textbook_id))
    .order_by(jobs.c.textbook_id, jobs.c.id.desc()),
    JobRow,
    rls_scoped=True,
)

# The job in an event. Columns that are newer than the event are null.
_state = func.jsonb_populate_record(literal_column("null::jobs"), job_events.c.state).table_valued(
    *(column for column in JobRow.__annotations__), name="job"
)
_events = (
    select(*(_state.c[name] for name in JobRow.__annotations__), job_events.c.id.label("event_id"))
    .select_from(job_events.join(_state, true()))
    .where(job_events.c.user_id == VIEWER_ID)
)
_after = job_events.c.id > bindparam("after", type_=BigInteger)
_of_job = job_events.c.job_id == _JOB_ID


def _in_order(*which: ColumnElement[bool]) -> Query[JobEventRow]:
    return Query(_events.where(_after, *which).order_by(job_events.c.id).limit(_LIMIT), JobEventRow, rls_scoped=True)


def _merged(*which: ColumnElement[bool]) -> Query[JobEventRow]:
    omitted = (func.count().over(partition_by=job_events.c.job_id) - 1).label("merged")
    newest = (
        _events.add_columns(omitted)
        .where(_after, *which)
        .ext(distinct_on(job_events.c.job_id))
        .order_by(job_events.c.job_id, job_events.c.id.desc())
        .subquery("newest")
    )
    return Query(select(newest).order_by(newest.c.event_id), JobEventRow, rls_scoped=True)


def _newest(*which: ColumnElement[bool]) -> Query[JobEventRow]:
    return Query(_events.where(*which).order_by(job_events.c.id.desc()).limit(1), JobEventRow, rls_scoped=True)


@dataclass(frozen=True, slots=True)
class JobEventQueries:
    """Queries for the events of one or all jobs.

    `in_order`: all events; parameters: after (an event id) and limit. `merged`: the newest event of each job;
    parameter: after. `newest`: the last event.
    """

    in_order: Query[JobEventRow]
    merged: Query[JobEventRow]
    newest: Query[JobEventRow]


# Parameter: job_id.
events_of_job = JobEventQueries(_in_order(_of_job), _merged(_of_job), _newest(_of_job))
# All jobs of the viewer.
events_of_own_jobs = JobEventQueries(_in_order(), _merged(), _newest())
# The states of unfinished jobs as of an event. Parameter: until.
_unfinished = select(jobs.c.id).where(jobs.c.user_id == VIEWER_ID, ~_is_finished(jobs.c.status))
_newest_of_each = (
    select(func.max(job_events.c.id))
    .where(job_events.c.job_id.in_(_unfinished), job_events.c.id <= bindparam("until", type_=BigInteger))
    .group_by(job_events.c.job_id)
)
newest_events_of_unfinished_jobs = Query(
    _events.where(job_events.c.id.in_(_newest_of_each)).order_by(job_events.c.id), JobEventRow, rls_scoped=True
)


@dataclass
class JobFilter(ListFilter):
    """Filters of a list of jobs."""

    status: JobStatus | None = filter_field(
        Filter("Filter by status.", lambda jobs, status: jobs.c.status == status, Text)
    )
    kinds: list[JobKind] | None = filter_field(
        Filter(
            "Filter by kind.",
            lambda jobs, kinds: any_of(jobs.c.kind, kinds),
            ARRAY(Text),
            lambda _, kinds: list(dict.fromkeys(kind.value for kind in kinds)),
        )
    )


@cache_by_variant
def paged_jobs(filter: JobFilter) -> PagedQuery[JobRow]:
    """The viewer's jobs, newest first. Parameters: those of the filter, and viewer_id."""
    ordering = Ordering("job", (jobs.c.id,), descending=True)
    return PagedQuery(filter.apply(_own_jobs, jobs), ordering, JobRow, rls_scoped=True)
