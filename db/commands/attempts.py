"""Statements that change jobs on behalf of an attempt. A superseded attempt changes nothing."""

from sqlalchemy import ColumnElement, Integer, Text, bindparam, func, insert, null, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as UuidType

from db.commands.jobs import ENTRY_ID, JOB_ID, can_transition_to, with_job_event
from db.core.statement import Command, Row
from db.queries.expressions import NOW
from db.queries.jobs import AttemptRow
from db.tables.base import Timestamp
from db.tables.jobs import jobs, model_usage
from domain.enums import JobStatus

_ATTEMPT_ID = bindparam("attempt_id", type_=UuidType)
_MESSAGE = bindparam("message", type_=Text)
_ERROR = bindparam("error", type_=JSONB)


def is_current_attempt() -> tuple[ColumnElement[bool], ...]:
    """Return conditions that hold while the attempt is the job's current one."""
    return jobs.c.id == JOB_ID, jobs.c.attempt_id == _ATTEMPT_ID, jobs.c.status == JobStatus.RUNNING.value


# Starts an attempt; no row if the entry is obsolete, not due, or its job finished. The worker of a job that is still
# RUNNING has died. Parameters: job_id, entry_id, attempt_id, now, message.
start_job = Command(
    with_job_event(
        update(jobs)
        .values(
            status=JobStatus.RUNNING.value,
            attempt_id=_ATTEMPT_ID,
            attempts=jobs.c.attempts + 1,
            started_at=NOW,
            finished_at=null(),
            error=null(),
            message=_MESSAGE,
            updated_at=NOW,
        )
        .where(
            jobs.c.id == JOB_ID,
            jobs.c.entry_id == ENTRY_ID,
            jobs.c.scheduled_for <= NOW,
            jobs.c.attempts < jobs.c.max_attempts,
            can_transition_to(JobStatus.RUNNING),
        )
        .returning(jobs),
    ),
    AttemptRow,
)

# Progress never decreases. Parameters: job_id, attempt_id, completed_steps, total_steps, message, now.
_COMPLETED = func.greatest(jobs.c.completed_steps, bindparam("completed_steps", type_=Integer))
_TOTAL = bindparam("total_steps", type_=Integer)
advance_job = Command(
    with_job_event(
        update(jobs)
        .values(
            completed_steps=_COMPLETED,
            total_steps=_TOTAL,
            progress=func.least(
                1.0, func.greatest(jobs.c.progress, _COMPLETED * 1.0 / func.greatest(_TOTAL, _COMPLETED, 1))
            ),
            message=_MESSAGE,
            updated_at=NOW,
        )
        .where(*is_current_attempt())
        .returning(jobs),
    ),
    AttemptRow,
)

# Parameters: job_id, attempt_id, plan, total_steps, message, now.
plan_job = Command(
    with_job_event(
        update(jobs)
        .values(plan=bindparam("plan", type_=JSONB), total_steps=_TOTAL, message=_MESSAGE, updated_at=NOW)
        .where(*is_current_attempt())
        .returning(jobs),
    ),
    AttemptRow,
)

# Parameters: job_id, attempt_id, message, result, now.
succeed_job = Command(
    with_job_event(
        update(jobs)
        .values(
            status=JobStatus.SUCCEEDED.value,
            progress=1.0,
            completed_steps=jobs.c.total_steps,
            message=_MESSAGE,
            result=bindparam("result", type_=JSONB),
            finished_at=NOW,
            updated_at=NOW,
        )
        .where(*is_current_attempt())
        .returning(jobs),
    ),
    AttemptRow,
)

# Parameters: job_id, attempt_id, message, error, scheduled_for, now.
retry_job_later = Command(
    with_job_event(
        update(jobs)
        .values(
            status=JobStatus.RETRYING.value,
            attempt_id=null(),
            message=_MESSAGE,
            error=_ERROR,
            scheduled_for=bindparam("scheduled_for", type_=Timestamp),
            updated_at=NOW,
        )
        .where(*is_current_attempt())
        .returning(jobs),
    ),
    AttemptRow,
)

_failed = {
    "status": JobStatus.FAILED.value,
    "attempt_id": null(),
    "message": null(),
    "error": _ERROR,
    "finished_at": NOW,
    "updated_at": NOW,
}
# Parameters: job_id, attempt_id, error, now.
fail_job = Command(
    with_job_event(update(jobs).values(**_failed).where(*is_current_attempt()).returning(jobs)), AttemptRow
)

# All attempts ended with the death of a worker. Parameters: job_id, entry_id, error, now.
abandon_job = Command(
    with_job_event(
        update(jobs)
        .values(**_failed)
        .where(
            jobs.c.id == JOB_ID,
            jobs.c.entry_id == ENTRY_ID,
            jobs.c.status == JobStatus.RUNNING.value,
            jobs.c.attempts >= jobs.c.max_attempts,
        )
        .returning(jobs),
    ),
    AttemptRow,
)

# A released attempt does not count. Parameters: job_id, attempt_id, message, now.
release_job = Command(
    with_job_event(
        update(jobs)
        .values(
            status=JobStatus.QUEUED.value,
            attempt_id=null(),
            attempts=jobs.c.attempts - 1,
            message=_MESSAGE,
            updated_at=NOW,
        )
        .where(*is_current_attempt())
        .returning(jobs),
    ),
    AttemptRow,
)

insert_model_usage = Command(
    insert(model_usage).values({name: bindparam(name, type_=column.type) for name, column in model_usage.c.items()}),
    Row,
)
