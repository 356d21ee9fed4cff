"""Finds the account of a token's subject, creates it at first sign-in, updates it from newer tokens, notes its use."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from db.commands.administration import insert_event
from db.core.connection import Connection
from db.core.database import Database
from db.queries.users import IS_BLOCKED
from db.services.administration import write_account_entry
from domain.accounts import AccountDeletion
from domain.enums import EventKind, Role, Scheduler
from domain.errors import AccountBlocked, Unauthenticated
from domain.ids import UserId, new_id
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.viewer import Viewer

# The settings of a new account; its days are in UTC until the user chooses a time zone.
_DEFAULTS = (Scheduler.FSRS.value, 0.9, 20, 200, "UTC")

_NAME_SUBJECT = "select set_config('app.subject', $1, true)"
_FIND = f"""
    select id, role, email, email_verified, display_name, has_chosen_name, claims_issued_at, deleted_at,
        case when {IS_BLOCKED} then blocked_reason end as blocked_reason,
        blocked_until,
        last_active_at < now() - interval '1 hour'
            or (clients ->> $2)::timestamptz < now() - interval '1 hour'
            or not clients ? $2 and (select count(*) from jsonb_object_keys(clients)) < $3 as is_use_due
    from users where subject = $1
"""  # noqa: S608  # a constant is put in, never a value
_CREATE = """
    insert into users (id, subject, email, display_name, role, claims_issued_at, clients, email_verified)
    values ($1, $2, $3, $4, 'learner', $5, jsonb_build_object($6::text, now()), $7)
    on conflict (subject) do nothing returning id
"""
# Another process may have noted the same use first.
_NOTE_USE = """
    update users set last_active_at = now(), clients = case
        when clients ? $2 or (select count(*) from jsonb_object_keys(clients)) < $3
            then clients || jsonb_build_object($2::text, now())
        else clients end
    where id = $1
"""
_BE_ACCOUNT = "select set_config('app.user_id', $1, true)"
# Of row-level security on other servers.
_BE_NEW_ACCOUNT = "set local app.user_id = '{}'"
# A still newer token of the same user may have been processed first, and the user may just have chosen a name.
_UPDATE = """
    update users set email = $2, display_name = case when has_chosen_name then display_name else $3 end,
        claims_issued_at = $4, email_verified = $5, updated_at = now()
    where id = $1 and (claims_issued_at is null or claims_issued_at < $4)
"""
_CREATE_SETTINGS = """
    insert into user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    values ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Profile:
    """The claims of a token about its subject, None if it lacks them."""

    email: str | None
    name: str | None
    issued_at: datetime | None
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a subject. `deletion`: None unless it was deleted. `cost_plan`: the name in the token, if any."""

    viewer: Viewer
    deletion: AccountDeletion | None = None
    cost_plan: str | None = None


async def find_account(database: Database, subject: str, profile: Profile, client: str) -> Account | None:
    """Return the account of a verified subject; None if it has none.

    `client`: the name of the client that the token is used by. Two statements; two more if a newer token has another
    name or address, and two more if its last use was noted over an hour ago. Raises AccountBlocked.
    """
    async with database.sign_in() as connection:
        await connection.fetchval(_NAME_SUBJECT, subject)
        found = await connection.fetchrow(_FIND, subject, client, MAX_CLIENTS_OF_USER)
        account = None if found is None else _account(found)
        if found is not None and account is not None and account.deletion is None:
            await _update(connection, found, profile)
            if found["is_use_due"]:
                await connection.fetchval(_BE_ACCOUNT, found["id"].hex)
                await connection.execute(_NOTE_USE, found["id"], client, MAX_CLIENTS_OF_USER)
    return account


async def sign_in(database: Database, subject: str, profile: Profile, client: str) -> Account:
    """Like `find_account`, but create a missing account. Six statements for a new one."""
    async with database.sign_in() as connection:
        await connection.fetchval(_NAME_SUBJECT, subject)
        # If another request created the account first, the next statement finds it.
        await _create(connection, subject, profile, client, is_distributed=database.is_distributed)
        found = await connection.fetchrow(_FIND, subject, client, MAX_CLIENTS_OF_USER)
    if found is None:
        # It was erased between the statements.
        raise Unauthenticated("This account was erased. Sign in again.")
    return _account(found)


async def record_sign_up(connection: asyncpg.Connection, user_id: UserId, at: datetime) -> None:
    """Insert the audit log entry of a sign-up, as the owner of the tables, unless the account was purged meanwhile."""
    if not await connection.fetchval("select exists (select from users where id = $1)", user_id):
        return
    await write_account_entry(connection, "signUp", user_id, at, actor_id=user_id)


async def _create(connection: Connection, subject: str, profile: Profile, client: str, *, is_distributed: bool) -> None:
    name = profile.name or _name_from(profile.email)
    values = (new_id(), subject, profile.email or "", name, profile.issued_at, client, profile.email_verified)
    id = await connection.fetchval(_CREATE, *values)
    if id is not None:
        if is_distributed:
            await connection.execute(_BE_NEW_ACCOUNT.format(id.hex))
        await connection.execute(_CREATE_SETTINGS, id, *_DEFAULTS)
        event = {"id": new_id(), "kind": EventKind.LEARNER_FIRST_SIGNED_IN.value, "entity_id": id}
        await connection.execute(insert_event.sql, *insert_event.arguments(event))


async def _update(connection: Connection, found: asyncpg.Record, profile: Profile) -> None:
    """Update the account from a token unless it was issued before the last one that did.

    The identity provider vouches for the e-mail address, so newer tokens always change it. A name that the user chose
    stays.
    """
    known_at = found["claims_issued_at"]
    if profile.issued_at is None or (known_at is not None and known_at >= profile.issued_at):
        return
    chosen = found["display_name"] if found["has_chosen_name"] else None
    email, name = profile.email or found["email"], chosen or profile.name or found["display_name"]
    is_verified = found["email_verified"] if profile.email is None else profile.email_verified
    if (email, name, is_verified) != (found["email"], found["display_name"], found["email_verified"]):
        await connection.fetchval(_BE_ACCOUNT, found["id"].hex)
        await connection.execute(_UPDATE, found["id"], email, name, profile.issued_at, is_verified)


def _name_from(email: str | None) -> str:
    """Return a display name for a token without one: never the whole address, which others must not see."""
    return (email or "").partition("@")[0] or "Learner"


def _account(found: asyncpg.Record) -> Account:
    if found["blocked_reason"] is not None:
        raise AccountBlocked(found["blocked_reason"], found["blocked_until"])
    deleted_at = found["deleted_at"]
    deletion = None if deleted_at is None else AccountDeletion(deleted_at)
    return Account(Viewer(found["id"], Role(found["role"])), deletion)
