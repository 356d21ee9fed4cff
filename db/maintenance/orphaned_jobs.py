"""Requeues unfinished jobs that have no entry in the queue, whatever removed it."""

from datetime import timedelta

import asyncpg

from db.notify.job_entries import QueueEntry, enqueue
from domain.enums import JobKind

# The entries of younger jobs may be leaving the queue right now.
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
    """Enqueue an entry for each orphaned job. Runs as the owner of the tables."""
    for row in await connection.fetch(_ORPHANED, _MIN_AGE):
        entry = QueueEntry(row["entry_id"], row["id"], row["user_id"])
        await enqueue(connection, JobKind(row["kind"]), entry, priority=row["priority"], delay=row["delay"])
