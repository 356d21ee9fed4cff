"""Where the processes of a command share metrics, and the port on which these are served."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import click

from server.observability.metrics_files import metrics_directory
from server.observability.metrics_server import metrics_server
from server.settings import Settings


@contextmanager
def shared_metrics(settings: Settings) -> Iterator[Settings]:
    """Yield settings with a directory of metrics, and serve METRICS_PORT if it is set."""
    with ExitStack() as stack:
        directory = stack.enter_context(metrics_directory(settings.metrics_dir))
        host, port = settings.metrics_host, settings.metrics_port
        if port is not None:
            try:
                port = stack.enter_context(metrics_server(directory, host, port, settings.metrics_token))
            except OSError as error:
                raise click.ClickException(f"Port {port} on {host}: {error.strerror}.") from None
            click.echo(f"Metrics   http://{f'[{host}]' if ':' in host else host}:{port}/metrics")
        yield settings.model_copy(update={"metrics_dir": directory})
