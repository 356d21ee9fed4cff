"""Alembic migrations. Concurrent runs wait for each other."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from db.core.schema_version import HEAD, read_schema_version
from db.core.watched_connection import connect
from db.migrations.url import async_url
from domain.errors import ServiceUnavailable

_VERSIONS = Path(__file__).parent / "versions"

# SQLSTATE classes and codes of failed and terminated connections.
_UNREACHABLE = ("08", "28", "3D", "53", "57P")


class MigrationFailed(Exception):
    """A migration failed and its transaction was rolled back. The message has the reason."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Apply missing migrations, each in its own transaction. Fast if there are none.

    Raises ServiceUnavailable when the database cannot be reached, and MigrationFailed when it refuses a statement.
    """
    with _translated_errors():
        command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Revert migrations down to `revision`, `base` for all of them. Raises like `upgrade`."""
    with _translated_errors():
        command.downgrade(_config(database_url), revision)


def migrate_to(database_url: str, revision: str) -> None:
    """Upgrade or downgrade to a revision: a number such as `0016`, `head`, or `base` for none.

    A downgrade deletes what the migration added. Raises like `upgrade`, and MigrationFailed for an unknown revision.
    """
    target = {"head": HEAD, "base": ""}.get(revision, revision)
    if target and not any(_VERSIONS.glob(f"{target}_*.py")):
        raise MigrationFailed(f"Unknown migration {revision!r}; the newest is {HEAD}.")
    with _translated_errors():
        current = asyncio.run(_read_version(database_url))
    if (current or "") > target:
        downgrade(database_url, target or "base")
    elif target:
        upgrade(database_url, target)


async def _read_version(database_url: str) -> str | None:
    connection = await connect(database_url)
    try:
        return await read_schema_version(connection)
    finally:
        await connection.close()


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        if (error.sqlstate or "").startswith(_UNREACHABLE):
            raise ServiceUnavailable(f"The database cannot be reached: {error}") from error
        hint = f" {error.hint}" if error.hint else ""
        raise MigrationFailed(f"Migration failed: {error.message}.{hint}") from error
    except CommandError as error:
        # Alembic's only error here: the code does not have the last migration of the database.
        raise MigrationFailed(
            f"The database has a migration that this version does not know; its newest is {HEAD}. Run the version "
            f"that migrated the database, or downgrade with it: `shinjp migrate --to {HEAD}`."
        ) from error
    except OSError as error:
        raise ServiceUnavailable(f"The database cannot be reached: {error}") from error


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = async_url(database_url)
    return config
