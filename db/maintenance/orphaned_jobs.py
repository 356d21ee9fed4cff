"""Jobs that wait or run, and stand in no queue: whatever took their entry, they are put back."""

from datetime import timedelta

import asyncpg

from db.notify import job_queue
from db.notify.job_queue import Entry
from domain.enums import JobKind

# Younger ones may be on their way out of the queue at this moment.
_OLD_ENOUGH = timedelta(minutes=2)
_LOST = """
    select id, user_id, entry_id, kind, priority, greatest(scheduled_for - now(), interval '0') as delay from jobs
    where status in ('QUEUED', 'RUNNING', 'RETRYING') and user_id is not null and updated_at < now() - $1::interval
        and not exists (
            select from queue.entries
            where dedupe_key = replace(entry_id::text, '-', '') and entries.status in ('queued', 'picked')
        )
"""


async def put_lost_jobs_back(connection: asyncpg.Connection) -> None:
    """As the owner of the tables."""
    for row in await connection.fetch(_LOST, _OLD_ENOUGH):
        entry = Entry(row["entry_id"], row["id"], row["user_id"])
        await job_queue.put(connection, JobKind(row["kind"]), entry, priority=row["priority"], delay=row["delay"])
