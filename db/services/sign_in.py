"""Creates the account of a token's subject at first sign-in."""

from datetime import datetime

import asyncpg

from db.commands.administration import insert_event
from db.core.connection import Connection
from db.core.database import Database
from db.services.account_look_ups import Account, LookUp, fetch_accounts, parse_account
from db.services.administration import write_account_entry
from domain.enums import EventKind, Scheduler
from domain.errors import AccountBlocked, Unauthenticated
from domain.ids import UserId, new_id

# The settings of a new account; its days are in UTC until the user chooses a time zone.
_DEFAULTS = (Scheduler.FSRS.value, 0.9, 20, 200, "UTC")

_NAME_SUBJECT = "select set_config('app.subject', $1, true)"
_CREATE = """
    insert into users (id, subject, email, display_name, role, claims_issued_at, clients, email_verified)
    values ($1, $2, $3, $4, 'learner', $5, jsonb_build_object($6::text, now()), $7)
    on conflict (subject) do nothing returning id
"""
# Of row-level security on other servers.
_BE_NEW_ACCOUNT = "set local app.user_id = '{}'"
_CREATE_SETTINGS = """
    insert into user_settings
        (user_id, scheduler, desired_retention, new_cards_per_day, reviews_per_day, time_zone)
    values ($1, $2, $3, $4, $5, $6)
"""


async def sign_in(database: Database, look_up: LookUp) -> Account:
    """Return the account of a subject, which is created if it is missing. Six statements for a new one.

    Raises AccountBlocked.
    """
    async with database.sign_in(in_transaction=True) as connection:
        await connection.fetchval(_NAME_SUBJECT, look_up.subject)
        # If another request created the account first, the next statement finds it.
        await _create(connection, look_up, is_distributed=database.is_distributed)
        found = (await fetch_accounts(connection, [look_up])).get(look_up.subject)
    if found is None:
        # It was erased between the statements.
        raise Unauthenticated("This account was erased. Sign in again.")
    account = parse_account(found)
    if isinstance(account, AccountBlocked):
        raise account
    return account


async def record_sign_up(connection: asyncpg.Connection, user_id: UserId, at: datetime) -> None:
    """Insert the audit log entry of a sign-up, as the owner of the tables, unless the account was purged meanwhile."""
    if not await connection.fetchval("select exists (select from users where id = $1)", user_id):
        return
    await write_account_entry(connection, "signUp", user_id, at, actor_id=user_id)


async def _create(connection: Connection, look_up: LookUp, *, is_distributed: bool) -> None:
    profile, name = look_up.profile, look_up.profile.name or _name_from(look_up.profile.email)
    verified = profile.email_verified
    values = (new_id(), look_up.subject, profile.email or "", name, profile.issued_at, look_up.client, verified)
    id = await connection.fetchval(_CREATE, *values)
    if id is not None:
        if is_distributed:
            await connection.execute(_BE_NEW_ACCOUNT.format(id.hex))
        await connection.execute(_CREATE_SETTINGS, id, *_DEFAULTS)
        event = {"id": new_id(), "kind": EventKind.LEARNER_FIRST_SIGNED_IN.value, "entity_id": id}
        await connection.execute(insert_event.sql, *insert_event.arguments(event))


def _name_from(email: str | None) -> str:
    """Return a display name for a token without one: never the whole address, which others must not see."""
    return (email or "").partition("@")[0] or "Learner"
