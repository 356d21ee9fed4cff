"""Purges rows whose retention has expired. Runs as the owner of the tables."""

from datetime import timedelta

import asyncpg

from domain.changes import TOMBSTONE_RETENTION
from domain.jobs import FINISHED_JOB_RETENTION

# How long soft-deleted rows can be restored.
DELETED_ROW_RETENTION = timedelta(days=30)

_FINISHED_JOBS = (
    # Cascades to their events and analysed texts.
    "delete from jobs where finished_at < now() - $1::interval and status in ('SUCCEEDED', 'FAILED', 'CANCELLED')",
    # Jobs of purged accounts.
    "delete from jobs where user_id is null and created_at < now() - $1::interval",
    "delete from queue.log where created < now() - $1::interval",
    "delete from queue.statistics where created < now() - $1::interval",
)
_DELETED_ROWS = (
    # Cascades to their logs, contexts and tags.
    "delete from cards where deleted_at < now() - $1::interval",
    # After their day they only recognize repeated requests.
    "delete from limit_extensions where created_at < now() - $1::interval",
    "delete from chapters where deleted_at < now() - $1::interval",
    "delete from textbooks where deleted_at < now() - $1::interval",
    "delete from books where deleted_at < now() - $1::interval",
    # Public textbooks stay, without an owner.
    "delete from textbooks where not is_public"
    " and owner_id in (select id from users where deleted_at < now() - $1::interval)",
    # Cascades to all rows of the user.
    "delete from users where deleted_at < now() - $1::interval",
)
_TOMBSTONES = "delete from tombstones where deleted_at < now() - $1::interval"


async def purge_expired(connection: asyncpg.Connection) -> None:
    """Delete finished jobs, soft-deleted rows and tombstones permanently."""
    for statement in _FINISHED_JOBS:
        await connection.execute(statement, FINISHED_JOB_RETENTION)
    for statement in _DELETED_ROWS:
        await connection.execute(statement, DELETED_ROW_RETENTION)
    await connection.execute(_TOMBSTONES, TOMBSTONE_RETENTION)
