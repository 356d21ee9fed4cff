"""How much background work waits, for metrics."""

from sqlalchemy import Double, Integer, bindparam, cast, func, or_, select, text

from db.core.statement import Query, Row
from db.tables.jobs import jobs
from domain.enums import JobKind, JobStatus

# Counting stops here, because it takes time for each row.
MAX_COUNTED = 10_000


class JobBacklogRow(Row):
    """Unfinished jobs of a kind. `attempts`: the largest number of one of them."""

    __slots__ = ()
    kind: JobKind
    waiting: int
    running: int
    oldest_seconds: float
    attempts: int


class UnsentChangesRow(Row):
    """Changes of personal rows of which processes are not notified yet."""

    __slots__ = ()
    waiting: int


class EventBacklogRow(Row):
    """Unhandled domain events."""

    __slots__ = ()
    waiting: int
    oldest_seconds: float


_waiting = or_(jobs.c.status == JobStatus.QUEUED.value, jobs.c.status == JobStatus.RETRYING.value)
_due_for = cast(func.extract("epoch", func.now() - func.min(jobs.c.scheduled_for).filter(_waiting)), Double)
_is_running = jobs.c.status == JobStatus.RUNNING.value

job_backlog = Query(
    select(
        jobs.c.kind,
        func.count().filter(_waiting).label("waiting"),
        func.count().filter(_is_running).label("running"),
        func.greatest(0.0, _due_for).label("oldest_seconds"),
        func.max(jobs.c.attempts).label("attempts"),
    )
    .where(or_(_waiting, _is_running))
    .group_by(jobs.c.kind),
    JobBacklogRow,
    rls_scoped=True,
)

event_backlog = Query(
    text("""
select count(*)::int as waiting, coalesce(extract(epoch from now() - min(at)), 0)::float8 as oldest_seconds
from (select at from events where handled_at is null order by at limit :limit) as unhandled
""").bindparams(bindparam("limit", MAX_COUNTED, type_=Integer)),
    EventBacklogRow,
    rls_scoped=False,
)

unsent_changes = Query(
    text("select count(*)::int as waiting from (select from change_outbox limit :limit) as unsent").bindparams(
        bindparam("limit", MAX_COUNTED, type_=Integer)
    ),
    UnsentChangesRow,
    rls_scoped=False,
)
