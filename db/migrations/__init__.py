"""Alembic migrations. `upgrade` brings a database to the newest version; two at once wait for each other."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from db.migrations.url import async_url
from domain.errors import ServiceUnavailable

# SQLSTATE classes and codes of a server that cannot be connected to, or that ends the connection.
_UNREACHABLE = ("08", "28", "3D", "53", "57P")


class MigrationFailed(Exception):
    """A migration could not be run, and its transaction was rolled back. The message is PostgreSQL's, with its hint."""


def upgrade(database_url: str, revision: str = "head") -> None:
    """Runs what is missing, each migration in its own transaction. Quick when nothing is.

    Raises ServiceUnavailable when the database cannot be reached, and MigrationFailed when it refuses a statement.
    """
    with _translated_errors():
        command.upgrade(_config(database_url), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Takes migrations back, down to `base` for all of them. Raises like `upgrade`."""
    with _translated_errors():
        command.downgrade(_config(database_url), revision)


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except asyncpg.PostgresError as error:
        if (error.sqlstate or "").startswith(_UNREACHABLE):
            raise ServiceUnavailable(f"The database cannot be reached: {error}") from error
        hint = f" {error.hint}" if error.hint else ""
        raise MigrationFailed(f"The database refused a migration: {error.message}.{hint}") from error
    except OSError as error:
        raise ServiceUnavailable(f"The database cannot be reached: {error}") from error


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = async_url(database_url)
    return config
