"""Statements that write jobs, each together with the row of `job_events` that records the change."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    not_,
    null,
    or_,
    select,
    update,
)
from sqlalchemy import literal_column as literal
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as UuidType
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID, any_of, row_columns
from db.queries.jobs import AttemptRow, JobRow, is_pending_vacation
from db.tables.base import Timestamp
from db.tables.jobs import job_events, jobs
from db.tables.textbooks import textbooks
from domain.enums import JobKind, JobStatus, TextbookStatus
from domain.jobs import RETRYABLE, SAVED_IN_ONE_TRANSACTION, predecessors

JOB_ID = bindparam("job_id", type_=UuidType)
ENTRY_ID = bindparam("entry_id", type_=UuidType)

# Large, or irrelevant to clients.
_NOT_IN_EVENTS = ("input", "plan", "entry_id", "attempt_id", "idempotency_key")


def with_job_event(change: ReturningInsert[Any] | ReturningUpdate[Any]) -> Select[Any]:
    """Combine the change with the insert of its event into one statement that returns an AttemptRow."""
    changed = change.cte("changed")
    state = func.to_jsonb(literal("changed")).op("-")(cast(list(_NOT_IN_EVENTS), ARRAY(Text)))
    event = insert(job_events).from_select(
        ["job_id", "user_id", "at", "state"], select(changed.c.id, changed.c.user_id, NOW, state)
    )
    return select(*row_columns(changed, JobRow), *row_columns(changed, AttemptRow)).add_cte(event.cte("event"))


def can_transition_to(status: JobStatus) -> ColumnElement[bool]:
    return _has_one_of(predecessors(status))


def _has_one_of(statuses: Iterable[JobStatus]) -> ColumnElement[bool]:
    return any_of(jobs.c.status, cast(sorted(status.value for status in statuses), ARRAY(Text)))


# Serializes changes of a user's jobs, so that event ids follow commit order: a stream that has sent one event has sent
# all earlier ones. Acquired before locking any of the jobs. Parameter: viewer_id.
lock_job_events = Command(
    select(func.pg_advisory_xact_lock(func.hashtext("job_events"), func.hashtext(cast(VIEWER_ID, Text)))), Row
)

_INSERTED = (
    *("id", "user_id", "textbook_id", "kind", "total_steps", "max_attempts", "priority", "entry_id", "input"),
    *("scheduled_for", "idempotency_key", "created_at", "updated_at"),
)
# Parameters: those columns.
insert_job = Command(
    with_job_event(
        insert(jobs)
        .values(
            status=JobStatus.QUEUED.value,
            progress=0.0,
            completed_steps=0,
            attempts=0,
            **{name: bindparam(name, type_=jobs.c[name].type) for name in _INSERTED},
        )
        .returning(jobs),
    ),
    AttemptRow,
)

_is_saved = and_(
    any_of(jobs.c.kind, cast(sorted(kind.value for kind in SAVED_IN_ONE_TRANSACTION), ARRAY(Text))),
    jobs.c.plan.is_not(None),
)
_cancel = (
    update(jobs)
    .values(status=JobStatus.CANCELLED.value, attempt_id=null(), message=null(), finished_at=NOW, updated_at=NOW)
    .where(jobs.c.user_id == VIEWER_ID, can_transition_to(JobStatus.CANCELLED), not_(_is_saved))
    .returning(jobs)
)
# Parameters: job_id, viewer_id, now.
cancel_job = Command(with_job_event(_cancel.where(jobs.c.id == JOB_ID)), AttemptRow)
# Parameters: textbook_id, viewer_id, now.
cancel_jobs_of_textbook = Command(
    with_job_event(_cancel.where(jobs.c.textbook_id == bindparam("textbook_id", type_=UuidType))), AttemptRow
)
# Parameters: kinds, viewer_id, now.
cancel_jobs_of_kinds = Command(
    with_job_event(_cancel.where(any_of(jobs.c.kind, bindparam("kinds", type_=ARRAY(Text))))), AttemptRow
)
# Parameters: export_kind, viewer_id, now.
cancel_exports = Command(
    with_job_event(
        _cancel.where(
            jobs.c.kind == JobKind.EXPORT.value,
            jobs.c.input["kind"].astext == bindparam("export_kind", type_=Text),
        )
    ),
    AttemptRow,
)

# Parameters: viewer_id, now.
cancel_pending_vacations = Command(with_job_event(_cancel.where(is_pending_vacation())), AttemptRow)

# Takes settings out of earlier requests that no job has fulfilled. Parameters: superseded, an object with their names;
# requested_at.
supersede_settings = Command(
    update(jobs)
    .values(input=jobs.c.input.op("||")(bindparam("superseded", type_=JSONB)))
    .where(
        jobs.c.user_id == VIEWER_ID,
        jobs.c.kind == JobKind.RESCHEDULE_CARDS.value,
        jobs.c.status != JobStatus.SUCCEEDED.value,
        jobs.c.created_at < bindparam("requested_at", type_=Timestamp),
        not_(jobs.c.input.has_key(literal("'vacation'"))),
        jobs.c.input != literal("'{}'::jsonb"),
    ),
    Row,
)

# Not that of a deleted textbook. Parameters: job_id, viewer_id, entry_id, now.
requeue_job = Command(
    with_job_event(
        update(jobs)
        .values(
            status=JobStatus.QUEUED.value,
            entry_id=ENTRY_ID,
            attempts=0,
            message=null(),
            error=null(),
            started_at=null(),
            finished_at=null(),
            scheduled_for=NOW,
            updated_at=NOW,
        )
        .where(
            jobs.c.id == JOB_ID,
            jobs.c.user_id == VIEWER_ID,
            _has_one_of(RETRYABLE),
            or_(
                jobs.c.textbook_id.is_(None),
                exists().where(textbooks.c.id == jobs.c.textbook_id, textbooks.c.deleted_at.is_(None)),
            ),
        )
        .returning(jobs),
    ),
    AttemptRow,
)

# Derives the status of a textbook from the job that generates it. Parameters: job_id, now.
sync_textbook = Command(
    update(textbooks)
    .values(
        status=case(
            (jobs.c.status == JobStatus.SUCCEEDED.value, TextbookStatus.READY.value),
            (_has_one_of(RETRYABLE), TextbookStatus.FAILED.value),
            else_=TextbookStatus.GENERATING.value,
        ),
        updated_at=NOW,
    )
    .where(jobs.c.id == JOB_ID, textbooks.c.id == jobs.c.textbook_id),
    Row,
)
