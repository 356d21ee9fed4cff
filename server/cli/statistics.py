"""`shinjp statistics`: counts the reviews and cards of all learners for their statistics."""

import asyncio

import click

from server.cli.databases import database_servers, echo, owner_url
from server.settings import Settings


@click.command()
@click.option("--again", is_flag=True, help="Also count what did not change since it was counted.")
def statistics(*, again: bool) -> None:
    """Count reviews and cards for statistics, as the worker does every ten minutes, until all are counted."""
    with database_servers(Settings.load()) as settings:
        days, learners = asyncio.run(_count(owner_url(settings), again))
        echo(f"{days} days, and the cards of {learners} learners counted")


async def _count(database_url: str, again: bool) -> tuple[int, int]:
    from db.core.database import owner_connection
    from db.maintenance.card_statistics import count_all_cards
    from db.maintenance.review_statistics import count_all_reviews

    async with owner_connection(database_url) as connection:
        days = await count_all_reviews(connection, again=again)
        return days, await count_all_cards(connection, again=again)
