"""`shinjp worker`: runs jobs and other background work."""

import asyncio
import signal
import sys

import click

from server.cli.databases import database_servers, owner_url
from server.settings import Settings


@click.command()
@click.option(
    "--with-parent", is_flag=True, hidden=True, help="Stop at the end of standard input, when the parent exits."
)
def worker(with_parent: bool) -> None:
    """Run jobs, refresh statistics, create partitions, handle events. Several may run concurrently."""
    from server.cli.metrics import shared_metrics
    from server.observability.logging import configure_logging, flush_log, log_interpreter_messages

    settings = Settings.load()
    configure_logging(settings.log_level, json=settings.use_json_logs)
    log_interpreter_messages()
    if with_parent:
        # The parent serves the metrics of both.
        settings = settings.model_copy(update={"metrics_port": None})
    with database_servers(settings, restarts=True) as databases, shared_metrics(databases) as connected:
        asyncio.run(_run_until_signal(connected, with_parent))
    flush_log()


async def _run_until_signal(settings: Settings, with_parent: bool) -> None:
    from common.interpreter import tune_interpreter
    from server.worker.runtime import run_worker

    tune_interpreter()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    if with_parent:
        # The parent never writes: standard input becomes readable only when the parent has ended.
        loop.add_reader(sys.stdin, stopping.set)
    await run_worker(settings, owner_url(settings), stopping)
