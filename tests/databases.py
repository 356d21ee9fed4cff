"""Databases that live as long as a test."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg


@asynccontextmanager
async def created(server_url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    """A database on this server, a copy of the template; yields its address and drops it in the end."""
    await _run(server_url, f'create database "{name}" template "{template}"')
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        await _run(server_url, f'drop database "{name}" with (force)')


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
