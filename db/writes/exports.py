"""Files are asked for."""

from db.commands.jobs import lock_job_events
from db.queries.jobs import JobRow, job_counts
from db.transactions import Transaction
from db.writes.jobs import enqueue_job
from domain.exports import ExportRequest
from domain.user_errors import UserErrorCode, rejected
from domain.values import JobKind

# Of one learner, that did not end.
MAX_UNFINISHED = 5


async def request_export(transaction: Transaction, request: ExportRequest) -> JobRow:
    """The job that makes it. Five statements. Raises Rejected for a learner who waits for several already."""
    await transaction.rows(lock_job_events)
    [counts] = await transaction.rows(job_counts, kind=JobKind.EXPORT.value)
    if counts.waiting + counts.running >= MAX_UNFINISHED:
        message = f"{MAX_UNFINISHED} exports are being made for you. Wait for one, or cancel it."
        raise rejected(UserErrorCode.LIMIT_REACHED, message)
    return await enqueue_job(transaction, JobKind.EXPORT, request.as_input(), steps=0)
