"""Temporary databases, and helpers to query them."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from db.core.database import owner_connection
from db.notify.listener import APPLICATION_NAME, open_listener

# Whether the server waits for no disk, or only for its log.
_IS_IN_MEMORY = """
    select current_setting('fsync') = 'off' or spcname like 'shinjp_memory_%'
    from pg_database join pg_tablespace on pg_tablespace.oid = dattablespace where datname = $1
"""
# Empties the change outbox, as a listening process does.
SEND_CHANGES = "select send_changes('0')"


@asynccontextmanager
async def created(
    server_url: str, name: str, template: str = "template0", *, tablespace: str | None = None
) -> AsyncIterator[str]:
    """Creates a database from the template, yields its URL, and drops it.

    `tablespace`: of its tables, and of those of databases that are created from it; by default that of the template.
    """
    url = await create(server_url, name, template, tablespace=tablespace)
    try:
        yield url
    finally:
        await execute(server_url, f'drop database "{name}" with (force)')


async def create(server_url: str, name: str, template: str = "template0", *, tablespace: str | None = None) -> str:
    """Creates a database from the template; returns its URL."""
    async with owner_connection(server_url) as connection:
        # Copying files takes two thirds of the processor time of logging pages, but waits for the disk if there is one.
        strategy = "file_copy" if await connection.fetchval(_IS_IN_MEMORY, template) else "wal_log"
        place = "" if tablespace is None else f'tablespace "{tablespace}"'
        await connection.execute(f'create database "{name}" template "{template}" strategy {strategy} {place}')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


async def execute(url: str, statements: str) -> None:
    """Runs statements on a new connection."""
    async with owner_connection(url) as connection:
        await connection.execute(statements)


async def column(url: str, statement: str) -> list[Any]:
    """The first column of a query's rows, on a new connection."""
    async with owner_connection(url) as connection:
        return [row[0] for row in await connection.fetch(statement)]


async def execute_and_notify(url: str, statements: str) -> None:
    """Runs statements, and waits until every listening process has applied the notifications."""
    await execute(url, statements)
    await wait_for_listeners(url)


async def wait_for_listeners(url: str, processes: int = 0, *, replaced: Collection[int] = ()) -> None:
    """Waits until this number of processes, or more, listen and have applied all notifications.

    `replaced`: process ids of terminated connections, which do not count.
    """
    listeners = f"select pid from pg_stat_activity where application_name = '{APPLICATION_NAME}'"
    async with open_listener(url) as changes, asyncio.timeout(60):
        await changes.listening.wait()
        while True:
            pids = set(await column(url, f"{listeners} and datname = current_database()"))
            # One of them is the connection of this function.
            if len(pids) > processes and pids.isdisjoint(replaced) and await changes.wait_for_all():
                return
            await asyncio.sleep(0.01)
