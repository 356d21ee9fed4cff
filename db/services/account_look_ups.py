"""Finds the accounts of many tokens' subjects, updates them from newer tokens, and notes their use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import asyncpg

from db.core.connection import Connection
from db.core.database import Database
from domain.accounts import AccountDeletion
from domain.enums import Role
from domain.errors import AccountBlocked
from domain.ids import UserId
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.viewer import Viewer

_FIND = """
    select subject, id, role, email, email_verified, display_name, has_chosen_name, claims_issued_at, deleted_at,
        blocked_reason, blocked_until, is_use_due
    from find_accounts($1, $2, $3)
"""
_NOTE_USE = "select note_use($1, $2, $3)"
_UPDATE = "select update_profiles($1, $2, $3, $4, $5)"


@dataclass(frozen=True, slots=True)
class Profile:
    """The claims of a token about its subject, None if it lacks them."""

    email: str | None
    name: str | None
    issued_at: datetime | None
    email_verified: bool = False


@dataclass(frozen=True, slots=True)
class LookUp:
    """A verified subject, with the profile of its token and the name of the client that uses it."""

    subject: str
    profile: Profile
    client: str


@dataclass(frozen=True, slots=True)
class Account:
    """The account of a subject. `deletion`: None unless it was deleted. `cost_plan`: the name in the token, if any."""

    viewer: Viewer
    deletion: AccountDeletion | None = None
    cost_plan: str | None = None


# The account of a subject, None if it has none; AccountBlocked, or the error of an update of the account.
Outcome: TypeAlias = Account | Exception | None


async def find_accounts(database: Database, look_ups: Sequence[LookUp]) -> list[Outcome]:
    """Return what was found for each of the look-ups, whose subjects differ.

    One statement; another one if newer tokens have other names or addresses, and another one if uses were noted over
    an hour ago. Raises an error that all look-ups have in common.
    """
    outcomes: dict[str, Outcome] = {}
    changed: dict[UserId, Profile] = {}
    used: dict[UserId, str] = {}
    try:
        async with database.sign_in(in_transaction=False) as connection:
            found = await fetch_accounts(connection, look_ups)
            outcomes = {subject: parse_account(row) for subject, row in found.items()}
            for look_up in look_ups:
                account = outcomes.get(look_up.subject)
                if isinstance(account, Account) and account.deletion is None:
                    row = found[look_up.subject]
                    profile = _get_change(row, look_up.profile)
                    if profile is not None:
                        changed[account.viewer.id] = profile
                    if row["is_use_due"]:
                        used[account.viewer.id] = look_up.client
            await _update(connection, changed)
            await _note_use(connection, used)
    except Exception as error:
        if not outcomes:
            raise
        for subject, account in outcomes.items():
            if isinstance(account, Account) and (account.viewer.id in changed or account.viewer.id in used):
                outcomes[subject] = error
    return [outcomes.get(look_up.subject) for look_up in look_ups]


async def fetch_accounts(connection: Connection, look_ups: Sequence[LookUp]) -> Mapping[str, asyncpg.Record]:
    """Return the rows of accounts by subject."""
    subjects, clients = [look_up.subject for look_up in look_ups], [look_up.client for look_up in look_ups]
    return {row["subject"]: row for row in await connection.fetch(_FIND, subjects, clients, MAX_CLIENTS_OF_USER)}


def parse_account(row: asyncpg.Record) -> Account | AccountBlocked:
    if row["blocked_reason"] is not None:
        return AccountBlocked(row["blocked_reason"], row["blocked_until"])
    deleted_at = row["deleted_at"]
    deletion = None if deleted_at is None else AccountDeletion(deleted_at)
    return Account(Viewer(row["id"], Role(row["role"])), deletion)


def _get_change(row: asyncpg.Record, profile: Profile) -> Profile | None:
    """Return the profile to store; None if it is the stored one, or if a token that was issued later stored that.

    The identity provider vouches for the e-mail address, so newer tokens always change it. A name that the user chose
    stays.
    """
    known_at = row["claims_issued_at"]
    if profile.issued_at is None or (known_at is not None and known_at >= profile.issued_at):
        return None
    chosen = row["display_name"] if row["has_chosen_name"] else None
    email, name = profile.email or row["email"], chosen or profile.name or row["display_name"]
    is_verified = row["email_verified"] if profile.email is None else profile.email_verified
    if (email, name, is_verified) == (row["email"], row["display_name"], row["email_verified"]):
        return None
    return Profile(email, name, profile.issued_at, is_verified)


async def _update(connection: Connection, changed: Mapping[UserId, Profile]) -> None:
    if changed:
        profiles = changed.values()
        await connection.execute(
            _UPDATE,
            list(changed),
            [profile.email for profile in profiles],
            [profile.name for profile in profiles],
            [profile.issued_at for profile in profiles],
            [profile.email_verified for profile in profiles],
        )


async def _note_use(connection: Connection, used: Mapping[UserId, str]) -> None:
    if used:
        await connection.execute(_NOTE_USE, list(used), list(used.values()), MAX_CLIENTS_OF_USER)
