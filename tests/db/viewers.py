"""Connections of the application in the context of a viewer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg

from db.core.database import Database


async def user_id(owner: "asyncpg.Connection", subject: str) -> UUID:
    id: UUID = await owner.fetchval("select id from users where subject = $1", subject)
    return id


@asynccontextmanager
async def connection_as(database: Database, viewer_id: UUID, role: str = "learner") -> AsyncIterator[Any]:
    opening = f"begin; select set_config('app.user_id', '{viewer_id}', true), set_config('app.role', '{role}', true)"
    async with database.connection() as connection:
        await connection.execute(opening)
        try:
            yield connection
        finally:
            await connection.execute("rollback")
