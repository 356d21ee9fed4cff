"""Runs periodic tasks: the table stores when each last ran, and a lock on its row excludes other workers."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

# A worker that does not get the lock on a task's row skips the task: another worker is running it.
_INSERT_ROW = "insert into periodic_work (name, done_at) values ($1, '-infinity') on conflict do nothing"
_LOCK_IF_DUE = "select from periodic_work where name = $1 and done_at <= now() - $2::interval for update skip locked"
_MARK_DONE = "update periodic_work set done_at = clock_timestamp() where name = $1"


async def run_if_due(
    connection: asyncpg.Connection, name: str, interval: timedelta, run: Callable[[asyncpg.Connection], Awaitable[None]]
) -> bool:
    """Run the task in one transaction unless it ran within the interval or is running. Return whether it ran."""
    await connection.execute(_INSERT_ROW, name)
    async with connection.transaction():
        if await connection.fetchrow(_LOCK_IF_DUE, name, interval) is None:
            return False
        await run(connection)
        await connection.execute(_MARK_DONE, name)
    return True
