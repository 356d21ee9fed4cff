"""Who a token's subject is. The first sight of one makes the learner."""

from datetime import datetime
from uuid import UUID

import asyncpg

from db.commands.administration import insert_audit_entry, insert_event
from db.database import Database
from domain.errors import Unauthenticated
from domain.ids import new_id
from domain.values import EventKind, Role, Scheduler
from domain.viewer import Viewer

# What a new learner starts with. Until they choose, days are counted in UTC.
_DEFAULTS = (Scheduler.FSRS.value, 0.9, 20, 200, "UTC")

_FIND = "select id, role, deleted_at is not null as deleted from users where subject = $1"
_CREATE = """
    insert into users (id, subject, email, display_name, role) values ($1, $2, $3, $4, 'learner')
    on conflict (subject) do nothing returning id
"""
_CREATE_SETTINGS = """
    insert into user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    values ($1, $2, $3, $4, $5, $6)
"""


async def sign_in(database: Database, subject: str, email: str, display_name: str) -> Viewer:
    """The viewer of a subject, whose token was verified before. Two statements, or six for a new learner.

    Raises Unauthenticated for an account that was deleted.
    """
    async with database.transaction("begin") as connection:
        await connection.fetchval("select set_config('app.subject', $1, true)", subject)
        found = await connection.fetchrow(_FIND, subject)
        if found is None:
            await _create(connection, subject, email, display_name)
            # Where another request made the same learner first, this one sees it now.
            found = await connection.fetchrow(_FIND, subject)
    if found is None or found["deleted"]:
        raise Unauthenticated("This account was deleted.")
    return Viewer(found["id"], Role(found["role"]))


async def record_sign_up(connection: asyncpg.Connection, user_id: UUID, at: datetime) -> None:
    """An entry of the audit log, written by the owner of the tables; none where the account is gone again."""
    if not await connection.fetchval("select exists (select from users where id = $1)", user_id):
        return
    entry = {"id": new_id(), "now": at, "viewer_id": user_id, "action": "signUp", "request_id": None}
    entry |= {"entity": "User", "entity_id": user_id, "changes": "{}"}
    await connection.execute(insert_audit_entry.sql, *insert_audit_entry.arguments(entry))


async def _create(connection: asyncpg.Connection, subject: str, email: str, display_name: str) -> None:
    id = await connection.fetchval(_CREATE, new_id(), subject, email, display_name)
    if id is not None:
        await connection.execute(_CREATE_SETTINGS, id, *_DEFAULTS)
        event = {"id": new_id(), "kind": EventKind.LEARNER_FIRST_SIGNED_IN.value, "entity_id": id}
        await connection.execute(insert_event.sql, *insert_event.arguments(event))
