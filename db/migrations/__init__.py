"""Alembic migrations. `upgrade` brings a database to the newest version; two at once wait for each other."""

from pathlib import Path

import asyncpg
from alembic import command
from alembic.config import Config

from db.migrations.url import async_url
from domain.errors import ServiceUnavailable


def upgrade(database_url: str, revision: str = "head") -> None:
    """Runs what is missing, each migration in its own transaction. Quick when nothing is.

    Raises ServiceUnavailable when the database cannot be reached.
    """
    try:
        command.upgrade(_config(database_url), revision)
    except (OSError, asyncpg.PostgresError) as error:
        raise ServiceUnavailable(f"The database of DATABASE_URL cannot be reached: {error}") from error


def downgrade(database_url: str, revision: str) -> None:
    """Takes migrations back, down to `base` for all of them."""
    command.downgrade(_config(database_url), revision)


def _config(database_url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["database_url"] = async_url(database_url)
    return config
