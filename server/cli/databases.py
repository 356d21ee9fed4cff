"""The database servers of commands: those in the environment, or embedded ones."""

import asyncio
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from server.settings import Settings, SettingsError

_ECHO_TIMEOUT_SECONDS = 1.0


def echo(message: str) -> None:
    """Print progress to standard error. Dropped if its reader is stalled, so that a server can stop."""
    try:
        is_writable = bool(select.select((), (sys.stderr,), (), _ECHO_TIMEOUT_SECONDS)[1])
    except (OSError, ValueError):
        is_writable = True
    if is_writable:
        click.echo(message, err=True)


@contextmanager
def database_servers(settings: Settings, *, restarts: bool = False) -> Iterator[Settings]:
    """Yield settings with both URLs. Without DATABASE_URL, embedded servers run until the context exits.

    With DATABASE_URL and without REDIS_URL there is no Redis: no embedded server runs next to a real one. `restarts`:
    restart embedded servers that exit. Raises SettingsError if the database is unavailable.
    """
    if settings.database_url is not None:
        name = "DATABASE_URL" if settings.migration_database_url is None else "MIGRATION_DATABASE_URL"
        asyncio.run(_check_connection(name, owner_url(settings)))
        yield settings
        return
    # Not installed in production.
    from server.dev_servers import embedded_servers

    with embedded_servers(settings.data_dir, echo, restarts=restarts) as servers:
        yield settings.model_copy(
            update={"database_url": servers.database_url, "redis_url": settings.redis_url or servers.redis_url}
        )


def owner_url(settings: Settings) -> str:
    """Return the URL that connects as the owner of the tables."""
    url = settings.migration_database_url or settings.database_url
    assert url is not None
    return url


def migrate_database(settings: Settings, revision: str = "head") -> None:
    """Migrate the database to a revision, up or down. Raises ClickException if a migration fails."""
    # Imported on use, so that commands that do not migrate start without Alembic.
    from db.migrations import MigrationFailed, migrate_to

    try:
        migrate_to(owner_url(settings), revision)
    except MigrationFailed as error:
        raise click.ClickException(str(error)) from None


async def _check_connection(name: str, url: str) -> None:
    from db.core.errors import DATABASE_ERRORS
    from db.core.watched_connection import connect

    try:
        connection = await connect(url, timeout=10)
    except ValueError as error:
        # asyncpg's message quotes the URL, which may contain a password.
        raise SettingsError(f"{name}: not a valid PostgreSQL URL.") from error
    except DATABASE_ERRORS as error:
        raise SettingsError(f"{name}: database unavailable. {error}") from None
    await connection.close()
