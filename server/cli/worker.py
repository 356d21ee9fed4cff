"""`shinjp worker`: what no request waits for."""

import asyncio
import signal

import click

from jobs.periodic import work
from server.cli.databases import databases, owner_url
from server.logging import configure_logging
from server.settings import Settings


@click.command()
def worker() -> None:
    """Refresh statistics and make partitions ahead. Several may run at once."""
    settings = Settings.load()
    configure_logging(settings)
    with databases(settings) as connected:
        asyncio.run(_work_until_told_to_stop(owner_url(connected)))


async def _work_until_told_to_stop(database_url: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    await work(database_url, stopping)
