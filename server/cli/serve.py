"""`shinjp serve`: runs the server."""

import signal
import socket
import sys
from contextlib import nullcontext
from types import FrameType

import click

from server.cli.databases import database_servers, echo, migrate_database, owner_url
from server.settings import Settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0: any free one.  [default: PORT, or 8000]")
@click.option("--host", help="The address to listen on.  [default: HOST, or 127.0.0.1]")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Number of processes; one per core."
)
@click.option(
    "--migrate/--no-migrate",
    "migrates",
    default=None,
    help="Migrate first, and load the content in development, the whole dictionary in the background."
    "  [default: in development]",
)
@click.option(
    "--worker/--no-worker",
    "has_worker",
    default=None,
    help="Run a worker for jobs in a subprocess.  [default: in development]",
)
def serve(port: int | None, host: str | None, workers: int, *, migrates: bool | None, has_worker: bool | None) -> None:
    """Run the server, and in development its databases and a worker."""
    from server.cli.metrics import shared_metrics
    from server.process import StartError
    from server.run import run
    from server.worker.subprocess import dictionary_loader, worker_process

    given = {"port": port, "host": host}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    # A signal unwinds the stack, so that everything that was started is stopped, even during startup.
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        with (
            database_servers(settings, restarts=True) as databases,
            _bind(databases) as listener,
            shared_metrics(databases) as connected,
        ):
            migrates = _default_in_development(migrates, connected)
            if migrates:
                _migrate(connected)
            _raise_if_interrupted()
            if connected.public_url is None:
                connected = connected.model_copy(update={"public_url": _address(connected, listener)})
            has_worker, migrates = _default_in_development(has_worker, connected), connected.is_development and migrates
            with worker_process(connected) if has_worker else nullcontext(), dictionary_loader(connected) as loader:

                def ready() -> None:
                    _print_banner(connected, listener)
                    if migrates:
                        loader.start()

                run(connected, listener, workers, ready)
    except StartError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        echo("Stopped.")


def _bind(settings: Settings) -> socket.socket:
    """Bind before anything slow, so that a port in use is reported immediately."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise click.ClickException(f"Port {settings.port} on {settings.host}: {error.strerror}.") from None


def _migrate(settings: Settings) -> None:
    migrate_database(settings)
    if settings.is_development:
        from content import loading

        loading.load(owner_url(settings), echo, demo=True)


def _default_in_development(option: bool | None, settings: Settings) -> bool:
    return settings.is_development if option is None else option


def _address(settings: Settings, listener: socket.socket) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _print_banner(settings: Settings, listener: socket.socket) -> None:
    address = _address(settings, listener)
    click.echo(f"GraphiQL  {address}/graphql  (in a browser)")
    click.echo(f"Schema    {address}/schema.graphql")
    click.echo(f"Health    {address}/readyz")
    if settings.is_development:
        from server.auth.development_tokens import issue_token

        click.echo(f"Token     {issue_token(settings, 'demo')}")
        click.echo(f"          of the demo learner; others by {sys.argv[0]} token --as editor, or admin")
    click.echo(f"ready {address}/graphql")


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # A second signal must not interrupt stopping the servers.
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if a signal was received, but a library suppressed the handler's exception."""
    if any(signal.getsignal(number) is signal.SIG_IGN for number in STOP_SIGNALS):
        raise KeyboardInterrupt
