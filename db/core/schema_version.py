"""Reads the migration of the database and the one that this code needs, without Alembic, whose import takes 50 ms."""

from pathlib import Path

import asyncpg

from db.core.connection import Connection

_VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"

# The names of migration files start with their number.
HEAD = max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))

# The first migration that grants the application role access to the version.
_OLDEST_READABLE = "0015"


# The first migration with the progress of the dictionary.
_DICTIONARY = "0018"


async def read_dictionary_progress(connection: Connection, version: str | None) -> tuple[int, int] | None:
    """Return the numbers of loaded entries and of all entries of the dictionary, None if no load was started."""
    if version is None or version < _DICTIONARY:
        return None
    row = await connection.fetchrow("select loaded, total from content_progress where name = 'the dictionary'")
    return None if row is None else (row["loaded"], row["total"])


async def read_schema_version(connection: Connection) -> str | None:
    """Return the number of the last applied migration, None for a database without tables.

    For a version that is too old to be readable, return the number before the first readable one.
    """
    try:
        version: str | None = await connection.fetchval("select max(version_num) from alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    except asyncpg.InsufficientPrivilegeError:
        return f"{int(_OLDEST_READABLE) - 1:04}"
    return version
