"""Who a token's subject is. The first sight of one makes the learner; a newer token may change name and address."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from db.commands.administration import insert_audit_entry, insert_event
from db.core.connection import Connection
from db.core.database import Database
from domain.enums import EventKind, Role, Scheduler
from domain.errors import Unauthenticated
from domain.ids import new_id
from domain.viewer import Viewer

# What a new learner starts with. Until they choose, days are counted in UTC.
_DEFAULTS = (Scheduler.FSRS.value, 0.9, 20, 200, "UTC")

_NAME_SUBJECT = "select set_config('app.subject', $1, true)"
_FIND = """
    select id, role, email, display_name, claims_issued_at, deleted_at is not null as deleted
    from users where subject = $1
"""
_CREATE = """
    insert into users (id, subject, email, display_name, role, claims_issued_at)
    values ($1, $2, $3, $4, 'learner', $5)
    on conflict (subject) do nothing returning id
"""
# Another token of the same learner, which is newer still, may have come first.
_UPDATE = """
    update users set email = $2, display_name = $3, claims_issued_at = $4, updated_at = now()
    where id = $1 and (claims_issued_at is null or claims_issued_at < $4)
"""
_CREATE_SETTINGS = """
    insert into user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    values ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """What a token says of its subject. None where it does not say."""

    email: str | None
    name: str | None
    issued_at: datetime | None


async def find_account(database: Database, subject: str, profile: Profile) -> Viewer | None:
    """The viewer of a subject, whose token was verified before; None for one that has no account.

    Two statements; four where a token that is newer than the last one has another name or address. Raises
    Unauthenticated for an account that was deleted.
    """
    async with database.sign_in() as connection:
        await connection.fetchval(_NAME_SUBJECT, subject)
        found = await connection.fetchrow(_FIND, subject)
        if found is not None and not found["deleted"]:
            await _update(connection, found, profile)
    return None if found is None else _viewer(found)


async def sign_in(database: Database, subject: str, profile: Profile) -> Viewer:
    """The same; the account is created where there is none. Six statements for a new learner."""
    async with database.sign_in() as connection:
        await connection.fetchval(_NAME_SUBJECT, subject)
        # Where another request made the same learner first, the statement after this one sees it.
        await _create(connection, subject, profile)
        found = await connection.fetchrow(_FIND, subject)
    return _viewer(found)


async def record_sign_up(connection: asyncpg.Connection, user_id: UUID, at: datetime) -> None:
    """An entry of the audit log, written by the owner of the tables; none where the account is gone again."""
    if not await connection.fetchval("select exists (select from users where id = $1)", user_id):
        return
    entry = {"id": new_id(), "now": at, "viewer_id": user_id, "action": "signUp", "request_id": None}
    entry |= {"entity": "User", "entity_id": user_id, "changes": "{}"}
    await connection.execute(insert_audit_entry.sql, *insert_audit_entry.arguments(entry))


async def _create(connection: Connection, subject: str, profile: Profile) -> None:
    name = profile.name or _name_from(profile.email)
    id = await connection.fetchval(_CREATE, new_id(), subject, profile.email or "", name, profile.issued_at)
    if id is not None:
        await connection.execute(_CREATE_SETTINGS, id, *_DEFAULTS)
        event = {"id": new_id(), "kind": EventKind.LEARNER_FIRST_SIGNED_IN.value, "entity_id": id}
        await connection.execute(insert_event.sql, *insert_event.arguments(event))


async def _update(connection: Connection, found: asyncpg.Record, profile: Profile) -> None:
    """Tokens that say when they were issued are in an order, so that an older one never undoes what a newer one did."""
    known_at = found["claims_issued_at"]
    if profile.issued_at is None or (known_at is not None and known_at >= profile.issued_at):
        return
    email, name = profile.email or found["email"], profile.name or found["display_name"]
    if (email, name) != (found["email"], found["display_name"]):
        await connection.fetchval("select set_config('app.user_id', $1, true)", found["id"].hex)
        await connection.execute(_UPDATE, found["id"], email, name, profile.issued_at)


def _name_from(email: str | None) -> str:
    """A first name for somebody whose token has none: never the whole address, which others must not see."""
    return (email or "").partition("@")[0] or "Learner"


def _viewer(found: asyncpg.Record | None) -> Viewer:
    if found is None or found["deleted"]:
        raise Unauthenticated("This account was deleted.")
    return Viewer(found["id"], Role(found["role"]))
