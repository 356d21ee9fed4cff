"""The connection of commands that change data of the platform, as the owner of the tables."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from db.core.database import owner_connection
from db.core.schema_version import HEAD, read_schema_version
from domain.errors import Forbidden, ServiceUnavailable

_OWNS = "select pg_has_role(current_user, relowner, 'usage') from pg_class where oid = 'public.users'::regclass"


@asynccontextmanager
async def checked_owner_connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Connect to a migrated database.

    Raises Forbidden if the URL's role does not own the tables, ServiceUnavailable if these are of another version.
    """
    async with owner_connection(url) as connection:
        version = await read_schema_version(connection)
        if version != HEAD:
            raise ServiceUnavailable(f"The database is at migration {version or 'none'}; run `shinjp migrate` first.")
        if not await connection.fetchval(_OWNS):
            raise Forbidden("The role of the database URL does not own the tables. Set MIGRATION_DATABASE_URL.")
        yield connection
