"""What is removed when its time is over. As the owner of the tables."""

from datetime import timedelta

import asyncpg

# Old enough that nobody asks for it again.
FINISHED_JOB_RETENTION = timedelta(days=7)
# What was deleted can be restored for so long.
DELETED_ROW_RETENTION = timedelta(days=30)

_ENDED_JOBS = (
    "delete from jobs where finished_at < now() - $1::interval and status in ('SUCCEEDED', 'FAILED', 'CANCELLED')",
    # Of accounts that are gone.
    "delete from jobs where user_id is null and created_at < now() - $1::interval",
    "delete from queue.log where created < now() - $1::interval",
    "delete from queue.statistics where created < now() - $1::interval",
)
_DELETED_ROWS = (
    "delete from chapters where deleted_at < now() - $1::interval",
    "delete from textbooks where deleted_at < now() - $1::interval",
    "delete from books where deleted_at < now() - $1::interval",
    # Public ones stay, without an owner.
    "delete from textbooks where not is_public"
    " and owner_id in (select id from users where deleted_at < now() - $1::interval)",
    # What is theirs goes with them.
    "delete from users where deleted_at < now() - $1::interval",
)


async def purge_expired(connection: asyncpg.Connection) -> None:
    """Jobs that ended, and rows that were deleted, for good."""
    for statement in _ENDED_JOBS:
        await connection.execute(statement, FINISHED_JOB_RETENTION)
    for statement in _DELETED_ROWS:
        await connection.execute(statement, DELETED_ROW_RETENTION)
