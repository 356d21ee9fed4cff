"""When each piece of periodic work was done last, and who does it now."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

# The row of a piece of work is its lock: who does not get it leaves the work to who has it.
_INSERT_ROW = "insert into periodic_work (name, done_at) values ($1, '-infinity') on conflict do nothing"
_LOCK_IF_DUE = "select from periodic_work where name = $1 and done_at <= now() - $2::interval for update skip locked"
_MARK_DONE = "update periodic_work set done_at = clock_timestamp() where name = $1"


async def run_if_due(
    connection: asyncpg.Connection, name: str, every: timedelta, do: Callable[[asyncpg.Connection], Awaitable[None]]
) -> bool:
    """Does the work in one transaction unless it was done within `every` or is being done. Returns whether it did."""
    await connection.execute(_INSERT_ROW, name)
    async with connection.transaction():
        if await connection.fetchrow(_LOCK_IF_DUE, name, every) is None:
            return False
        await do(connection)
        await connection.execute(_MARK_DONE, name)
    return True
