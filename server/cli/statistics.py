"""`shinjp statistics`: counts the reviews of all learners for their statistics."""

import asyncio

import click

from server.cli.databases import database_servers, echo, owner_url
from server.settings import Settings


@click.command()
@click.option("--again", is_flag=True, help="Also count days that did not change since they were counted.")
def statistics(*, again: bool) -> None:
    """Count reviews for statistics, as the worker does every ten minutes, until all are counted."""
    with database_servers(Settings.load()) as settings:
        echo(f"{asyncio.run(_count(owner_url(settings), again))} days counted")


async def _count(database_url: str, again: bool) -> int:
    from db.core.database import owner_connection
    from db.maintenance.review_statistics import count_all_reviews

    async with owner_connection(database_url) as connection:
        return await count_all_reviews(connection, again=again)
