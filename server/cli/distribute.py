"""`shinjp distribute`: distributes learner data with Citus."""

import asyncio

import click

from server.cli.databases import echo, owner_url
from server.settings import Settings


@click.command()
def distribute() -> None:
    """Distribute learner data to the servers of a Citus cluster, by learner. Run it on the coordinator after `migrate`.

    It changes keys and drops triggers, which cannot be undone. Stop all servers and workers first.
    """
    settings = Settings.load()
    if settings.database_url is None:
        raise click.UsageError("DATABASE_URL is required: the embedded server has no Citus.")
    asyncio.run(_distribute(owner_url(settings)))


async def _distribute(url: str) -> None:
    from db.distribution.citus import distribute as distribute_tables
    from db.services.owner import checked_owner_connection

    async with checked_owner_connection(url) as connection:
        await distribute_tables(connection, echo)
