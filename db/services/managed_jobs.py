"""Administrators cancel and retry the jobs of users."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import groupby
from uuid import UUID

from db.core.transaction import Transaction
from db.queries.jobs import JobRow
from db.queries.managed_jobs import FailedJobRow, failed_jobs, job_owner
from db.services import jobs as job_service
from db.services.administration import write_audit_entry
from domain.enums import JobKind
from domain.ids import JobId, UserId
from domain.user_errors import Conflict, UserErrorCode, invalid_input

Change = Callable[[Transaction, JobId], Awaitable[JobRow]]


async def cancel_job(transaction: Transaction, id: JobId) -> JobRow:
    """Cancel a job of any user for an administrator. Up to seven statements. Raises InvalidInput."""
    return await _change(transaction, id, "cancel", job_service.cancel_job)


async def retry_job(transaction: Transaction, id: JobId) -> JobRow:
    """Retry a job of any user for an administrator. Up to eight statements. Raises InvalidInput."""
    return await _change(transaction, id, "retry", job_service.retry_job)


async def retry_failed_jobs(transaction: Transaction, kind: JobKind, limit: int) -> int:
    """Retry the oldest failed jobs of a kind and return their number.

    Two statements, two for each user and up to four for each job. Jobs of deleted and blocked accounts, and those of
    deleted textbooks, stay.
    """
    retried: list[JobId] = []
    after = JobId(UUID(int=0))
    while wanted := limit - len(retried):
        found = await transaction.rows(failed_jobs, kind=kind.value, after=after, limit=wanted)
        # The locks of users are acquired in their order, as by other administrators.
        for user_id, jobs in groupby(sorted(found, key=_user), key=_user):
            async with transaction.acting_for(user_id) as owner:
                for job in jobs:
                    # Administrators do not see private textbooks.
                    with suppress(Conflict):
                        retried.append((await job_service.retry_job(owner, job.id)).id)
        if len(found) < wanted:
            break
        after = found[-1].id
    if retried:
        # At most `limit` ids. They lead to the users until the jobs are purged, also by the erasure of an account.
        changes = {"kind": kind.value, "count": len(retried), "job_ids": [str(id) for id in sorted(retried)]}
        await write_audit_entry(transaction, "retryFailedJobs", "User", transaction.viewer.id, {}, changes)
    return len(retried)


async def _change(transaction: Transaction, id: JobId, action: str, change: Change) -> JobRow:
    found = await transaction.row(job_owner, job_id=id)
    if found is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Job not found.", "id")
    if found.user_id is None:
        raise invalid_input(UserErrorCode.CONFLICT, "The account of the job was erased.", "id")
    if found.user_id == transaction.viewer.id:
        return await change(transaction, id)
    async with transaction.acting_for(found.user_id) as owner:
        job = await change(owner, id)
    await write_audit_entry(transaction, action, "Job", id, {"status": found.status}, {"status": job.status})
    return job


def _user(job: FailedJobRow) -> UserId:
    return job.user_id
