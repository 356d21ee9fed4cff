"""Attempts of workers at jobs: start, progress, success, failure and release."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import orjson

from db.commands import attempts as commands
from db.commands.jobs import lock_job_events
from db.core.statement import Command
from db.core.transaction import Transaction
from db.notify.job_entries import QueueEntry
from db.queries.jobs import AttemptRow, attempt_by_job_id, job_counts
from db.services.jobs import sync_textbook
from db.services.notifications import NewNotification, notify_viewer
from domain.enums import JobKind, JobStatus
from domain.ids import JobId, new_id
from domain.jobs import TERMINAL, JobErrorCode, JobFailed, JobPolicy
from domain.notifications import NotificationKind

# The delay of a job whose user has reached the limit of running jobs.
CONCURRENCY_DELAY = timedelta(seconds=2)
WORKER_LOST = JobFailed(
    JobErrorCode.WORKER_LOST, "The job was abandoned after repeated worker failures.", retryable=True
)

# The notifications of jobs that succeeded.
_NOTIFICATIONS = {
    JobKind.EXPORT: NotificationKind.EXPORT_READY,
    JobKind.RUN_IMPORT: NotificationKind.IMPORT_READY,
    JobKind.GENERATE_TEXTBOOK: NotificationKind.TEXTBOOK_READY,
}


class AttemptSuperseded(Exception):
    """The job was cancelled or another worker took it over: this attempt must stop."""


async def start(transaction: Transaction, entry: QueueEntry, policy: JobPolicy) -> AttemptRow | timedelta | None:
    """Start an attempt and return the job, or the delay until the next try, or None if the entry is obsolete.

    Up to six statements.
    """
    await transaction.rows(lock_job_events)
    job = await transaction.row(attempt_by_job_id, job_id=entry.job_id)
    if job is None or job.entry_id != entry.id or JobStatus(job.status) in TERMINAL:
        return None
    if job.scheduled_for > transaction.now:
        return job.scheduled_for - transaction.now
    if job.attempts >= job.max_attempts:
        await transaction.rows(commands.abandon_job, job_id=job.id, entry_id=entry.id, error=_json_of(WORKER_LOST))
        await sync_textbook(transaction, job)
        return None
    if job.status != JobStatus.RUNNING:
        [counts] = await transaction.rows(job_counts, kind=job.kind)
        if counts.running >= policy.max_concurrent_per_user:
            return CONCURRENCY_DELAY
    [started] = await transaction.rows(
        commands.start_job, job_id=job.id, entry_id=entry.id, attempt_id=new_id(), message="Starting."
    )
    await sync_textbook(transaction, started)
    return started


async def advance(transaction: Transaction, attempt: AttemptRow, message: str, *, done: int, of: int) -> None:
    """Save the progress: completed steps and their total. Two statements. Raises AttemptSuperseded."""
    await transaction.rows(lock_job_events)
    await _change(transaction, commands.advance_job, attempt, message=message, completed_steps=done, total_steps=of)


async def save_plan(transaction: Transaction, attempt: AttemptRow, plan: object, message: str, *, steps: int) -> None:
    """Save the plan for this attempt and later ones. Two statements. Raises AttemptSuperseded."""
    await transaction.rows(lock_job_events)
    text = orjson.dumps(plan).decode()
    await _change(transaction, commands.plan_job, attempt, plan=text, message=message, total_steps=steps)


async def succeed(transaction: Transaction, attempt: AttemptRow, result: Mapping[str, object] | None) -> None:
    """Mark the job as succeeded and notify its owner. Up to four statements. Raises AttemptSuperseded."""
    await transaction.rows(lock_job_events)
    text = None if result is None else orjson.dumps(result).decode()
    await _change(transaction, commands.succeed_job, attempt, message="Done.", result=text)
    await sync_textbook(transaction, attempt)
    kind = _NOTIFICATIONS.get(JobKind(attempt.kind))
    if kind is not None:
        new = NewNotification(transaction.viewer.id, str(attempt.id), attempt.id, attempt.textbook_id)
        await notify_viewer(transaction, kind, new)


async def fail(
    transaction: Transaction, attempt: AttemptRow, failure: JobFailed, policy: JobPolicy
) -> timedelta | None:
    """Schedule a retry and return its delay, or mark the job as failed and return None.

    Up to three statements. Raises AttemptSuperseded.
    """
    await transaction.rows(lock_job_events)
    error = _json_of(failure)
    if not failure.retryable or attempt.attempts >= attempt.max_attempts:
        await _change(transaction, commands.fail_job, attempt, error=error)
        await sync_textbook(transaction, attempt)
        return None
    delay = policy.retry_delay(attempt.attempts)
    message = f"Attempt {attempt.attempts} of {attempt.max_attempts} failed; a retry is scheduled."
    await _change(
        transaction,
        commands.retry_job_later,
        attempt,
        message=message,
        error=error,
        scheduled_for=transaction.now + delay,
    )
    return delay


async def release(transaction: Transaction, attempt: AttemptRow) -> None:
    """Return the job to the queue for another worker. Two statements. Raises AttemptSuperseded."""
    await transaction.rows(lock_job_events)
    await _change(transaction, commands.release_job, attempt, message="Waiting for another worker.")


async def record_model_usage(
    transaction: Transaction, job_id: JobId, model: str, prompt_tokens: int, completion_tokens: int, cost: Decimal
) -> None:
    """Record the tokens and the cost of one request to a language model. One statement."""
    await transaction.rows(
        commands.insert_model_usage,
        id=new_id(),
        user_id=transaction.viewer.id,
        job_id=job_id,
        at=transaction.now,
        model=model,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        cost=cost,
    )


async def _change(transaction: Transaction, command: Command[AttemptRow], attempt: AttemptRow, **values: Any) -> None:
    if not await transaction.rows(command, job_id=attempt.id, attempt_id=attempt.attempt_id, **values):
        raise AttemptSuperseded


def _json_of(failure: JobFailed) -> str:
    error = {"code": failure.code, "message": failure.message, "retryable": failure.retryable}
    return orjson.dumps(error).decode()
