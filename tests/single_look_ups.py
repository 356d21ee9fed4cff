"""Looks up one account in a transaction that row-level security restricts to its subject: what batches must equal."""

from db.core.database import Database
from db.services.account_look_ups import Account, LookUp, Outcome
from domain.accounts import AccountDeletion
from domain.enums import Role
from domain.errors import AccountBlocked
from domain.list_sizes import MAX_CLIENTS_OF_USER
from domain.viewer import Viewer

FIND = """
    select *, blocked_at is not null and (blocked_until is null or blocked_until > now()) as is_blocked,
        last_active_at < now() - interval '1 hour'
            or (clients ->> $2)::timestamptz < now() - interval '1 hour'
            or not clients ? $2 and (select count(*) from jsonb_object_keys(clients)) < $3 as is_use_due
    from users where subject = $1
"""
NOTE_USE = """
    update users set last_active_at = now(), clients = case
        when clients ? $2 or (select count(*) from jsonb_object_keys(clients)) < $3
            then clients || jsonb_build_object($2::text, now())
        else clients end
    where id = $1
"""
UPDATE = """
    update users set email = $2, display_name = case when has_chosen_name then display_name else $3 end,
        claims_issued_at = $4, email_verified = $5, updated_at = now()
    where id = $1 and (claims_issued_at is null or claims_issued_at < $4)
"""


async def find_alone(database: Database, look_up: LookUp) -> Outcome:
    profile = look_up.profile
    async with database.transaction("begin") as connection:
        await connection.execute("select set_config('app.subject', $1, true)", look_up.subject)
        rows = await connection.fetch(FIND, look_up.subject, look_up.client, MAX_CLIENTS_OF_USER)
        if not rows:
            return None
        [row] = rows
        if row["is_blocked"]:
            return AccountBlocked(row["blocked_reason"], row["blocked_until"])
        viewer = Viewer(row["id"], Role(row["role"]))
        if row["deleted_at"] is not None:
            return Account(viewer, AccountDeletion(row["deleted_at"]))
        await connection.execute("select set_config('app.user_id', $1, true)", row["id"].hex)
        known_at = row["claims_issued_at"]
        if profile.issued_at is not None and (known_at is None or known_at < profile.issued_at):
            name = row["display_name"] if row["has_chosen_name"] else profile.name or row["display_name"]
            email = profile.email or row["email"]
            is_verified = row["email_verified"] if profile.email is None else profile.email_verified
            if (email, name, is_verified) != (row["email"], row["display_name"], row["email_verified"]):
                await connection.execute(UPDATE, row["id"], email, name, profile.issued_at, is_verified)
        if row["is_use_due"]:
            await connection.execute(NOTE_USE, row["id"], look_up.client, MAX_CLIENTS_OF_USER)
    return Account(viewer)
