"""`shinjp worker`: what no request waits for."""

import asyncio
import signal
import sys

import click

from server.cli.databases import databases, owner_url
from server.settings import Settings


@click.command()
@click.option("--with-parent", is_flag=True, hidden=True, help="Stop when standard input ends, with who started it.")
def worker(with_parent: bool) -> None:
    """Do jobs, refresh statistics, make partitions ahead, handle events. Several may run at once."""
    from server.observability.logging import configure_logging, flush_log, log_interpreter_messages

    settings = Settings.load()
    configure_logging(settings)
    log_interpreter_messages()
    with databases(settings, restarts=True) as connected:
        asyncio.run(_work_until_told_to_stop(connected, with_parent))
    flush_log()


async def _work_until_told_to_stop(settings: Settings, with_parent: bool) -> None:
    from server.worker.runtime import work

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if with_parent:
        # Nobody writes to it: it can be read when the parent is gone, however it ended.
        loop.add_reader(sys.stdin, stopping.set)
    await work(settings, owner_url(settings), stopping)
