"""Purges rows whose retention has expired. Runs as the owner of the tables."""

from datetime import timedelta

import asyncpg

from domain.changes import TOMBSTONE_RETENTION
from domain.jobs import FINISHED_JOB_RETENTION
from domain.notifications import NOTIFICATION_RETENTION
from domain.retention import DELETED_ROW_RETENTION
from domain.usage import USAGE_RETENTION
from domain.webhooks import DELIVERY_RETENTION

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
    # Without cards.
    "delete from custom_vocabulary where updated_at < now() - $1::interval"
    " and not exists (select from cards"
    " where cards.user_id = custom_vocabulary.user_id and custom_vocabulary_id = custom_vocabulary.id)",
    # After their day they only recognize repeated requests.
    "delete from limit_extensions where created_at < now() - $1::interval",
    "delete from chapters where deleted_at < now() - $1::interval",
    "delete from textbooks where deleted_at < now() - $1::interval",
    "delete from books where deleted_at < now() - $1::interval",
)
# Of their jobs, files and reports; what was imported stays.
IMPORT_RETENTION = timedelta(days=30)
_IMPORTS = "delete from imports where created_at < now() - $1::interval"
# Of imports whose file has expired.
_IMPORT_WORDS = "delete from import_words using imports where import_id = imports.id and upload_id is null"
_UPLOADS = "delete from uploads where expires_at < now()"
_TOMBSTONES = "delete from tombstones where deleted_at < now() - $1::interval"
# Groups whose teachers deleted their accounts.
_GROUPS = (
    "delete from groups where not exists (select from group_members where group_id = groups.id and role = 'TEACHER')"
)
_DELIVERIES = "delete from webhook_deliveries where created_at < now() - $1::interval"
_USAGE = "delete from usage_counts where day <= ((now() at time zone 'UTC') - $1::interval)::date"
_NOTIFICATIONS = "delete from notifications where created_at < now() - $1::interval"


async def purge_expired(connection: asyncpg.Connection) -> None:
    """Delete finished jobs, soft-deleted rows, imports, uploads, tombstones, counts and notifications that expired."""
    for statement in _FINISHED_JOBS:
        await connection.execute(statement, FINISHED_JOB_RETENTION)
    for statement in _DELETED_ROWS:
        await connection.execute(statement, DELETED_ROW_RETENTION)
    await connection.execute(_IMPORTS, IMPORT_RETENTION)
    await connection.execute(_UPLOADS)
    await connection.execute(_IMPORT_WORDS)
    await connection.execute(_TOMBSTONES, TOMBSTONE_RETENTION)
    await connection.execute(_GROUPS)
    await connection.execute(_DELIVERIES, DELIVERY_RETENTION)
    await connection.execute(_NOTIFICATIONS, NOTIFICATION_RETENTION)
    await connection.execute(_USAGE, USAGE_RETENTION)
