"""The servers that commands work on: those that the environment names, or the embedded ones."""

import asyncio
import select
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from server.settings import Settings, SettingsError

# How long a message waits for its reader.
_REPORT_SECONDS = 1.0


def report(message: str) -> None:
    """Progress, for people. It goes to standard error, so that a command's result stays alone on standard output.

    Where nobody reads that, it is left out: a server must be able to stop.
    """
    try:
        is_read = bool(select.select((), (sys.stderr,), (), _REPORT_SECONDS)[1])
    except (OSError, ValueError):
        is_read = True
    if is_read:
        click.echo(message, err=True)


@contextmanager
def databases(
    settings: Settings, tell: Callable[[str], None] = report, *, restarts: bool = False
) -> Iterator[Settings]:
    """Settings that have both addresses. Embedded servers run for as long as the context is open.

    `restarts`: they are started again where they end meanwhile.
    Where DATABASE_URL is set and REDIS_URL is not, there is no Redis: nothing embedded starts beside a real server.
    Raises SettingsError when the database does not answer.
    """
    if settings.database_url is not None:
        name = "DATABASE_URL" if settings.migration_database_url is None else "MIGRATION_DATABASE_URL"
        asyncio.run(_reach(name, owner_url(settings)))
        yield settings
        return
    # Production has no embedded servers and does not import them.
    from server.dev_servers import embedded_servers

    with embedded_servers(settings.data_dir, tell, restarts=restarts) as servers:
        yield settings.model_copy(
            update={"database_url": servers.database_url, "redis_url": settings.redis_url or servers.redis_url}
        )


def owner_url(settings: Settings) -> str:
    """The address for migrations and imports: of the role that owns the tables."""
    url = settings.migration_database_url or settings.database_url
    assert url is not None
    return url


def migrate_database(settings: Settings, revision: str = "head") -> None:
    """Brings the database to this migration. One that the database refuses ends the command."""
    # Alembic is for the commands that migrate; the others start without it.
    from db.migrations import MigrationFailed, migrate_to

    try:
        migrate_to(owner_url(settings), revision)
    except MigrationFailed as error:
        raise click.ClickException(str(error)) from None


async def _reach(name: str, url: str) -> None:
    import asyncpg

    from db.core.errors import DATABASE_ERRORS

    try:
        connection = await asyncpg.connect(url, timeout=10)
    except ValueError as error:
        # asyncpg quotes what it does not understand, and a password may be in it.
        raise SettingsError(f"{name}: it is not an address that asyncpg understands.") from error
    except DATABASE_ERRORS as error:
        raise SettingsError(f"{name}: the database does not answer. {error}") from None
    await connection.close()
