"""Roles of accounts from the command line, as the owner of the tables."""

import asyncpg
import orjson

from db.queries.users import IS_BLOCKED
from db.services.administration import write_account_entry
from db.services.owner import checked_owner_connection
from domain.enums import Role
from domain.errors import Forbidden, NotFound

# Changes of roles follow each other, as by `lock_accounts`.
_LOCK = "select pg_advisory_xact_lock(7465013)"
_FIND = "select id, role, display_name from users where subject = $1 for no key update"
_HAS_OTHER_ADMINISTRATOR = f"""
    select exists (
        select from users where role = 'admin' and id <> $1 and deleted_at is null and not {IS_BLOCKED}
    )
"""  # noqa: S608  # a constant is put in, never a value
_SET_ROLE = "update users set role = $2, version = version + 1, updated_at = now() where id = $1"
_LIST = f"""
    select subject, role, email, display_name, created_at, last_active_at,
        case when deleted_at is not null then 'deleted'
            when {IS_BLOCKED} then 'blocked'
            else 'active' end as state
    from users where ($1::text is null or role = $1) and ($2::text is null or subject = $2)
    order by created_at desc, id desc limit $3
"""  # noqa: S608  # a constant is put in, never a value


async def set_role_of_subject(url: str, subject: str, role: Role) -> str:
    """Give an account a role, with an audit entry that has no actor; return its name.

    Raises NotFound for an unknown subject and Forbidden for the last administrator, and like `find_accounts`.
    """
    async with checked_owner_connection(url) as connection, connection.transaction():
        await connection.execute(_LOCK)
        account = await connection.fetchrow(_FIND, subject)
        if account is None:
            raise NotFound(
                f"No account has the subject {subject!r}. The first request with a token of the subject creates it."
            )
        name: str = account["display_name"]
        if account["role"] != role.value:
            if role is not Role.ADMIN and not await connection.fetchval(_HAS_OTHER_ADMINISTRATOR, account["id"]):
                raise Forbidden(f"{subject!r} is the last administrator. Promote another one first.")
            await connection.execute(_SET_ROLE, account["id"], role.value)
            changes = {"role": {"before": account["role"], "after": role.value}}
            now = await connection.fetchval("select now()")
            await write_account_entry(connection, "setRole", account["id"], now, changes=orjson.dumps(changes).decode())
    return name


async def find_accounts(
    url: str, *, role: Role | None = None, subject: str | None = None, limit: int = 1
) -> list[asyncpg.Record]:
    """Return accounts, newest first.

    Raises the errors of `checked_owner_connection`.
    """
    async with checked_owner_connection(url) as connection:
        found: list[asyncpg.Record] = await connection.fetch(_LIST, role and role.value, subject, limit)
    return found
