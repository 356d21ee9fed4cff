"""Servers enqueue entries as PgQueuer does."""

from datetime import timedelta

from db.core.database import owner_connection
from db.notify import job_queue
from db.notify.job_entries import QueueEntry, enqueue
from domain.enums import JobKind
from domain.ids import JobId, UserId, new_id

ENTRY = """
    select entries.priority, entries.entrypoint, payload, execute_after - now() as delay, headers, entries.status,
        attempts, slot, queue_manager_id, heartbeat - now() as heartbeat, updated - now() as updated,
        log.status as logged, log.priority as logged_priority, log.entrypoint as logged_entrypoint
    from queue.entries join queue.log on job_id = entries.id where dedupe_key = $1
"""


async def test_entry_has_the_values_of_the_library(writable_database_url: str) -> None:
    async with owner_connection(writable_database_url) as connection, connection.transaction():
        for delay in (timedelta(), timedelta(seconds=90)):
            ours, theirs = (QueueEntry(new_id(), JobId(new_id()), UserId(new_id())) for _ in range(2))
            await enqueue(connection, JobKind.EXPORT, ours, priority=7, delay=delay)
            await job_queue._queries(connection).enqueue(
                JobKind.EXPORT.value, ours.to_payload(), 7, delay, dedupe_key=theirs.id.hex
            )
            [found], [expected] = [await connection.fetch(ENTRY, entry.id.hex) for entry in (ours, theirs)]
            assert dict(found) == dict(expected)
            assert found["delay"] == delay
