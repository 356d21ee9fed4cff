"""Requests exports."""

from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.jobs import JobRow, export_usage
from db.services.administration import write_export_look
from db.services.jobs import enqueue_job, repeated_job
from domain.enums import ExportKind, JobKind
from domain.exports import ARCHIVE_KIND, FILE_LIFETIME, ExportQuota, ExportRequest
from domain.user_errors import UserErrorCode, invalid_input

# Limit of unfinished exports per user.
MAX_UNFINISHED = 5


async def request_export(transaction: Transaction, request: ExportRequest, quota: ExportQuota) -> JobRow:
    """Enqueue an export job. Five statements, six for an export of all users, which is a look at their personal data.

    Raises InvalidInput if the user has reached a limit.
    """
    await _check_quota(transaction, quota)
    if request.kind is ExportKind.LEARNERS:
        await write_export_look(transaction, request)
    return await enqueue_job(transaction, JobKind.EXPORT, request.to_input(), steps=0)


async def request_archive(transaction: Transaction, idempotency_key: str | None, quota: ExportQuota) -> JobRow:
    """Enqueue an export of everything about the user, or return the earlier job of the key. Up to six statements.

    Raises InvalidInput if the user has reached a limit.
    """
    if (earlier := await repeated_job(transaction, JobKind.EXPORT, idempotency_key)) is not None:
        return earlier
    await _check_quota(transaction, quota)
    archive = {"kind": ARCHIVE_KIND}
    return await enqueue_job(transaction, JobKind.EXPORT, archive, steps=0, idempotency_key=idempotency_key)


async def _check_quota(transaction: Transaction, quota: ExportQuota) -> None:
    await transaction.rows(lock_job_events)
    [usage] = await transaction.rows(export_usage, since=transaction.now - FILE_LIFETIME)
    if usage.unfinished >= MAX_UNFINISHED:
        message = f"Limit of {MAX_UNFINISHED} unfinished exports reached; wait for one or cancel it."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    until = f" The oldest is removed at {usage.oldest + FILE_LIFETIME:%Y-%m-%d %H:%M} UTC." if usage.oldest else ""
    if usage.files + usage.unfinished >= quota.max_files_per_user:
        message = f"Limit of {quota.max_files_per_user:,} exported files reached.{until}"
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    if usage.size >= quota.max_bytes_per_user:
        message = f"Limit of {quota.max_bytes_per_user:,} bytes of exported files reached.{until}"
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
