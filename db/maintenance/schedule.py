"""Runs periodic tasks: the table stores when each last ran, and a lock of the session excludes other workers.

The session that has the lock is the one that writes: a worker that loses it can no longer write, however long it
believes that it is the only one. No other fencing is needed. PostgreSQL ends the session of a worker that is lost or
suspended.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from common.error_descriptions import describe_error
from common.text import truncate

# In characters.
_MAX_ERROR = 500

_INSERT_ROW = "insert into periodic_work (name, done_at) values ($1, '-infinity') on conflict do nothing"
_SET_INTERVAL = """
    update periodic_work set interval_seconds = $2 where name = $1 and interval_seconds is distinct from $2
"""
# The lock of a machine that lost power or its network is released after a minute instead of two hours.
_DETECT_LOST_MACHINES = """
    select set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
        set_config('tcp_keepalives_count', '3', false)
"""
# The kernel of a suspended process, such as that of a paused container, responds to keep-alives. Longer than any task
# works with files between two statements.
_MAX_IDLE_SECONDS = 900.0
_END_SUSPENDED = """
    select set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $1, false)
"""
# A worker that does not get the lock skips the task: another worker is running it.
_LOCK = "select pg_try_advisory_lock(hashtext('periodic_work'), hashtext($1))"
_UNLOCK = "select pg_advisory_unlock(hashtext('periodic_work'), hashtext($1))"
# A time in the future is from before the server's clock was set back.
_START_IF_DUE = """
    select clock_timestamp() from periodic_work
    where name = $1 and (done_at <= now() - $2::interval or done_at > now() or requested_at is not null)
"""
# A request that was made during the run is for another one.
_MARK = """
    update periodic_work set started_at = $2,
        duration_ms = least(extract(epoch from clock_timestamp() - $2) * 1000, 2147483647)::int,
        requested_at = case when requested_at > $2 then requested_at end
"""
_MARK_DONE = f"{_MARK}, done_at = clock_timestamp(), failed_at = null, error = null where name = $1"
_MARK_FAILED = f"{_MARK}, failed_at = clock_timestamp(), error = $3 where name = $1"

Run = Callable[[asyncpg.Connection], Awaitable[None]]


async def prepare_session(connection: asyncpg.Connection) -> None:
    """Prepare a session for `run_if_due`."""
    await connection.execute(_DETECT_LOST_MACHINES)
    await connection.execute(_END_SUSPENDED, f"{_MAX_IDLE_SECONDS * 1000:.0f}")


async def run_if_due(
    connection: asyncpg.Connection, name: str, interval: timedelta, run: Run, *, in_transaction: bool = True
) -> bool:
    """Run the task unless it ran within the interval or is running. Return whether it ran.

    A task that an administrator requested is due. `in_transaction`: whether the task is one transaction; otherwise each
    of its statements is one, unless it opens others. An exception is recorded, and the task stays due.
    """
    await connection.execute(_INSERT_ROW, name)
    await connection.execute(_SET_INTERVAL, name, int(interval.total_seconds()))
    if not await connection.fetchval(_LOCK, name):
        return False
    try:
        started_at = await connection.fetchval(_START_IF_DUE, name, interval)
        if started_at is None:
            return False
        try:
            if in_transaction:
                async with connection.transaction():
                    await run(connection)
                    await connection.execute(_MARK_DONE, name, started_at)
            else:
                await run(connection)
                await connection.execute(_MARK_DONE, name, started_at)
        except Exception as error:
            reason = truncate(describe_error(error), _MAX_ERROR)
            if not connection.is_closed():
                await connection.execute(_MARK_FAILED, name, started_at, reason)
            raise
    finally:
        if not connection.is_closed():
            await connection.execute(_UNLOCK, name)
    return True
