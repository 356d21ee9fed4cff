"""Which migration the tables are at, and which one this code needs. Without Alembic, which costs a server 50 ms."""

from pathlib import Path

import asyncpg

_VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"

# Each file of a migration begins with its number.
HEAD = max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))

# The first one that lets the server see this.
_OLDEST_VISIBLE = "0015"


async def read_schema_version(connection: asyncpg.Connection) -> str | None:
    """The number of the last migration; None for a database without tables.

    For one that is too old to be read, the number before the first that can be.
    """
    try:
        return await connection.fetchval("select max(version_num) from alembic_version")  # type: ignore[no-any-return]
    except asyncpg.UndefinedTableError:
        return None
    except asyncpg.InsufficientPrivilegeError:
        return f"{int(_OLDEST_VISIBLE) - 1:04}"
