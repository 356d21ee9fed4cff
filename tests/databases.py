"""Databases that live as long as a test, and a look into any of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from db.core.database import owner_connection


@asynccontextmanager
async def created(server_url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    """A database on this server, a copy of the template; yields its address and drops it in the end."""
    url = await create(server_url, name, template)
    try:
        yield url
    finally:
        await execute(server_url, f'drop database "{name}" with (force)')


async def create(server_url: str, name: str, template: str = "template0") -> str:
    """A database on this server, a copy of the template: its address."""
    await execute(server_url, f'create database "{name}" template "{template}"')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


async def execute(url: str, statements: str) -> None:
    """Runs statements on a connection of their own."""
    async with owner_connection(url) as connection:
        await connection.execute(statements)


async def column(url: str, statement: str) -> list[Any]:
    """The first column of what a statement finds, on a connection of its own."""
    async with owner_connection(url) as connection:
        return [row[0] for row in await connection.fetch(statement)]
