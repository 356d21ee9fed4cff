"""`shinjp worker`: what no request waits for."""

import asyncio
import signal

import click

from jobs.events import handle_events
from jobs.periodic import do_periodic_work
from server.cli.databases import databases, owner_url
from server.logging import configure_logging
from server.settings import Settings


@click.command()
def worker() -> None:
    """Refresh statistics, make partitions ahead, handle events. Several may run at once."""
    settings = Settings.load()
    configure_logging(settings)
    with databases(settings) as connected:
        asyncio.run(_work_until_told_to_stop(owner_url(connected)))


async def _work_until_told_to_stop(database_url: str) -> None:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(do_periodic_work(database_url, stopping))
        tasks.create_task(handle_events(database_url, stopping))
