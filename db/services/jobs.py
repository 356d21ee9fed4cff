"""Users enqueue, cancel and retry their jobs."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import orjson

from common.tracing.trace import current_context
from db.commands import jobs as commands
from db.core.transaction import Transaction
from db.notify.job_entries import QueueEntry, enqueue
from db.queries.jobs import AttemptRow, JobRow, job_by_idempotency_key, jobs_by_id
from domain.enums import ExportKind, JobKind, JobStatus
from domain.ids import JobId, TextbookId, new_id
from domain.jobs import POLICIES, RETRYABLE
from domain.user_errors import Conflict, UserErrorCode, invalid_input


async def enqueue_job(
    transaction: Transaction,
    kind: JobKind,
    input: Mapping[str, object],
    *,
    steps: int,
    textbook_id: TextbookId | None = None,
    idempotency_key: str | None = None,
    scheduled_for: datetime | None = None,
) -> JobRow:
    """Insert a job of the viewer and its queue entry, atomically.

    Three statements. A reused idempotency key is a unique violation: `repeated_job` finds the earlier job first.
    """
    await transaction.rows(commands.lock_job_events)
    policy = POLICIES[kind]
    begins_at = scheduled_for or transaction.now
    [job] = await transaction.rows(
        commands.insert_job,
        id=new_id(),
        user_id=transaction.viewer.id,
        textbook_id=textbook_id,
        kind=kind.value,
        total_steps=steps,
        max_attempts=policy.max_attempts,
        priority=policy.priority,
        entry_id=new_id(),
        input=orjson.dumps(input).decode(),
        scheduled_for=begins_at,
        idempotency_key=idempotency_key,
        created_at=transaction.now,
        updated_at=transaction.now,
    )
    await _enqueue(transaction, job, begins_at - transaction.now)
    return job


async def repeated_job(transaction: Transaction, kind: JobKind, idempotency_key: str | None) -> JobRow | None:
    """Return the viewer's earlier job with the same idempotency key. One statement if there is a key."""
    if idempotency_key is None:
        return None
    return await transaction.row(job_by_idempotency_key, kind=kind.value, idempotency_key=idempotency_key)


async def cancel_job(transaction: Transaction, id: JobId) -> JobRow:
    """Cancel a queued or running job and notify its worker. A cancelled job stays cancelled.

    Up to three statements. Raises InvalidInput for an unknown job, one that succeeded or failed, and one that has saved
    everything.
    """
    await transaction.rows(commands.lock_job_events)
    cancelled = await transaction.row(commands.cancel_job, job_id=id)
    if cancelled is None:
        job = await _found(transaction, id)
        if job.status != JobStatus.CANCELLED:
            raise Conflict(job, f"The job is {job.status} and cannot be cancelled.", "id")
        return job
    await sync_textbook(transaction, cancelled)
    return cancelled


async def cancel_all_jobs(transaction: Transaction, kinds: Iterable[JobKind] = JobKind) -> None:
    """Cancel the viewer's unfinished jobs of these kinds and notify their workers.

    Two statements, and one per textbook that was being generated.
    """
    await transaction.rows(commands.lock_job_events)
    for job in await transaction.rows(commands.cancel_jobs_of_kinds, kinds=[kind.value for kind in kinds]):
        await sync_textbook(transaction, job)


async def cancel_exports(transaction: Transaction, kind: ExportKind) -> None:
    """Cancel the viewer's unfinished exports of this kind and notify their workers. Two statements."""
    await transaction.rows(commands.lock_job_events)
    await transaction.rows(commands.cancel_exports, export_kind=kind.value)


async def cancel_pending_vacations(transaction: Transaction) -> None:
    """Cancel the jobs that have not saved their change of a vacation, and notify their workers. Two statements."""
    await transaction.rows(commands.lock_job_events)
    await transaction.rows(commands.cancel_pending_vacations)


async def supersede_settings(transaction: Transaction, names: Iterable[str], requested_at: datetime) -> None:
    """Take these settings out of earlier requests that no job has fulfilled. One statement."""
    superseded = orjson.dumps(dict.fromkeys(names)).decode()
    await transaction.rows(commands.supersede_settings, superseded=superseded, requested_at=requested_at)


async def retry_job(transaction: Transaction, id: JobId) -> JobRow:
    """Enqueue a failed or cancelled job again. Its completed steps are kept.

    Up to four statements. Raises InvalidInput for an unknown job, one that neither failed nor was cancelled, and one
    whose textbook is deleted.
    """
    await transaction.rows(commands.lock_job_events)
    job = await transaction.row(commands.requeue_job, job_id=id, entry_id=new_id())
    if job is None:
        found = await _found(transaction, id)
        message = (
            "The textbook of the job is deleted; restore it first."
            if found.status in RETRYABLE
            else f"The job is {found.status}; only failed and cancelled jobs can be retried."
        )
        raise Conflict(found, message, "id")
    await sync_textbook(transaction, job)
    await _enqueue(transaction, job, timedelta())
    return job


async def _enqueue(transaction: Transaction, job: AttemptRow, delay: timedelta) -> None:
    entry = QueueEntry(job.entry_id, job.id, transaction.viewer.id, current_context())
    with transaction.raw_connection() as connection:
        await enqueue(connection, JobKind(job.kind), entry, priority=job.priority, delay=delay)


async def sync_textbook(transaction: Transaction, job: JobRow) -> None:
    """Copy the job's status to the textbook that it generates. One statement if there is one."""
    if job.textbook_id is not None:
        await transaction.rows(commands.sync_textbook, job_id=job.id)


async def _found(transaction: Transaction, id: JobId) -> JobRow:
    job = await transaction.row(jobs_by_id, ids=[id])
    if job is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Job not found.", "id")
    return job
