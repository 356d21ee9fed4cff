"""Jobs that wait or run, and stand in no queue: whatever took their entry, they are put back."""

from datetime import timedelta

import asyncpg

from db.notify import job_queue
from db.notify.job_queue import QueueEntry
from domain.enums import JobKind

# Younger ones may be on their way out of the queue at this moment.
_MIN_AGE = timedelta(minutes=2)
_ORPHANED = """
    select id, user_id, entry_id, kind, priority, greatest(scheduled_for - now(), interval '0') as delay from jobs
    where status in ('QUEUED', 'RUNNING', 'RETRYING') and user_id is not null and updated_at < now() - $1::interval
        and not exists (
            select from queue.entries
            where dedupe_key = replace(entry_id::text, '-', '') and entries.status in ('queued', 'picked')
        )
"""


async def requeue_orphaned_jobs(connection: asyncpg.Connection) -> None:
    """As the owner of the tables."""
    for row in await connection.fetch(_ORPHANED, _MIN_AGE):
        entry = QueueEntry(row["entry_id"], row["id"], row["user_id"])
        await job_queue.enqueue(connection, JobKind(row["kind"]), entry, priority=row["priority"], delay=row["delay"])
