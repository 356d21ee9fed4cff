"""Temporary databases, and helpers to query them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from db.core.database import owner_connection


@asynccontextmanager
async def created(server_url: str, name: str, template: str = "template0") -> AsyncIterator[str]:
    """Creates a database from the template, yields its URL, and drops it."""
    url = await create(server_url, name, template)
    try:
        yield url
    finally:
        await execute(server_url, f'drop database "{name}" with (force)')


async def create(server_url: str, name: str, template: str = "template0") -> str:
    """Creates a database from the template; returns its URL."""
    await execute(server_url, f'create database "{name}" template "{template}"')
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


async def execute(url: str, statements: str) -> None:
    """Runs statements on a new connection."""
    async with owner_connection(url) as connection:
        await connection.execute(statements)


async def column(url: str, statement: str) -> list[Any]:
    """The first column of a query's rows, on a new connection."""
    async with owner_connection(url) as connection:
        return [row[0] for row in await connection.fetch(statement)]
