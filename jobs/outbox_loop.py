"""The loop of a worker that handles what is in a table: deliveries of an outbox, or domain events."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import asyncpg

from db.core.database import owner_connection
from db.core.errors import DATABASE_ERRORS, log_database_error
from jobs.wait_any import wait_any

# A notification wakes the worker immediately; retries are found by their time.
_POLL_INTERVAL = timedelta(seconds=30)
# A connection that leads to no server is noticed after this time and the poll interval.
_STATEMENT_SECONDS = 30.0
_MIN_WAIT_SECONDS = 0.05
_RECONNECT_DELAY = timedelta(seconds=1)

# Sends a batch and returns its size.
SendBatch = Callable[[asyncpg.Connection], Awaitable[int]]
# Returns the seconds until something is due; None if nothing is.
SecondsUntilNext = Callable[[asyncpg.Connection], Awaitable[float | None]]


async def run_outbox(
    database_url: str,
    channel: str,
    stopping: asyncio.Event,
    send_batch: SendBatch,
    seconds_until_next: SecondsUntilNext,
) -> None:
    """Send batches until `stopping` is set. Waits during outages of the database."""
    while not stopping.is_set():
        try:
            async with owner_connection(database_url, command_timeout=_STATEMENT_SECONDS) as connection:
                await _listen(connection, channel, stopping, send_batch, seconds_until_next)
        except DATABASE_ERRORS as error:
            log_database_error(f"connection of {channel} lost", error)
            await wait_any(stopping, timeout=_RECONNECT_DELAY)


async def _listen(
    connection: asyncpg.Connection,
    channel: str,
    stopping: asyncio.Event,
    send_batch: SendBatch,
    seconds_until_next: SecondsUntilNext,
) -> None:
    notified = asyncio.Event()
    await connection.add_listener(channel, lambda *_: notified.set())
    # Otherwise a closed connection is noticed only when it is used.
    connection.add_termination_listener(lambda _: notified.set())
    while not stopping.is_set():
        notified.clear()
        if await send_batch(connection):
            continue
        seconds = await seconds_until_next(connection)
        wait = timedelta(seconds=max(seconds or 0, _MIN_WAIT_SECONDS))
        await wait_any(stopping, notified, timeout=_POLL_INTERVAL if seconds is None else min(_POLL_INTERVAL, wait))
