"""`shinjp serve`: runs the server."""

import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from types import FrameType

import click

from server.cli.databases import database_servers, echo
from server.settings import Settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="The port; 0: any free one.  [default: PORT, or 8000]")
@click.option("--host", help="The address to listen on.  [default: HOST, or 127.0.0.1]")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Number of processes; one per core."
)
@click.option(
    "--separate-ports",
    is_flag=True,
    help="Give each process a port of its own, from the port on, for a load balancer.",
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
@click.option("--after", "build", type=int, hidden=True, help="Start after this child process, a build, has ended.")
@click.option("--app", "builds_app", is_flag=True, hidden=True, help="Build the example app in the background.")
def serve(
    port: int | None,
    host: str | None,
    workers: int,
    *,
    separate_ports: bool,
    migrates: bool | None,
    has_worker: bool | None,
    build: int | None,
    builds_app: bool,
) -> None:
    """Run the server, and in development its databases and a worker."""
    from server.cli.metrics import shared_metrics
    from server.process import StartError, import_application
    from server.run import run
    from server.worker.subprocess import background_commands, prepare_database, worker_process

    given = {"port": port, "host": host}
    settings = Settings.load(**{name: value for name, value in given.items() if value is not None})
    # A signal unwinds the stack, so that everything that was started is stopped, even during startup.
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        with (
            database_servers(settings, restarts=True) as databases,
            _bind(databases, workers if separate_ports else 1) as listeners,
            shared_metrics(databases) as connected,
        ):
            migrates = _default_in_development(migrates, connected)
            with prepare_database(connected) if migrates else nullcontext():
                # Takes as long as a migration. A supervisor of several processes does not need it.
                if workers == 1:
                    import_application()
                _raise_if_interrupted()
            if build is not None:
                _wait_for(build)
            _raise_if_interrupted()
            if connected.is_development and (migrates or builds_app):
                from server.cli.app_documents import register_app_documents

                register_app_documents(connected)
            if connected.public_url is None:
                connected = connected.model_copy(update={"public_url": _address(connected, listeners[0])})
            has_worker, migrates = _default_in_development(has_worker, connected), connected.is_development and migrates
            commands = [*(["app"] if builds_app else []), *(["dictionary"] if migrates else [])]
            with (
                worker_process(connected) if has_worker else nullcontext(),
                background_commands(connected, *commands) as start_commands,
            ):

                def ready() -> None:
                    _print_banner(connected, listeners, builds_app=builds_app)
                    start_commands()

                run(connected, listeners, workers, ready)
    except StartError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        echo("Stopped.")


@contextmanager
def _bind(settings: Settings, ports: int) -> Iterator[list[socket.socket]]:
    """Bind before anything slow, so that a port in use is reported immediately."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with ExitStack() as stack:
        listeners = []
        for port in [settings.port + number if settings.port else 0 for number in range(ports)]:
            try:
                listener = socket.create_server((settings.host, port), family=family, backlog=2048)
            except (OSError, OverflowError) as error:
                reason = error.strerror if isinstance(error, OSError) else "Not a port"
                raise click.ClickException(f"Port {port} on {settings.host}: {reason}.") from None
            listeners.append(stack.enter_context(listener))
        yield listeners


def _wait_for(build: int) -> None:
    """Wait for a process that the shell started before it executed this one."""
    with suppress(ChildProcessError):
        os.waitpid(build, 0)


def _default_in_development(option: bool | None, settings: Settings) -> bool:
    return settings.is_development if option is None else option


def _address(settings: Settings, listener: socket.socket) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104  # compared, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"


def _print_banner(settings: Settings, listeners: list[socket.socket], *, builds_app: bool) -> None:
    from server.example_app import APP_PATH
    from server.example_app import BUILD as APP_BUILD

    address = _address(settings, listeners[0])
    is_built = (APP_BUILD / "index.html").exists()
    if settings.is_development and (is_built or builds_app):
        click.echo(f"App       {address}{APP_PATH}  (in a browser{'' if is_built else ', while it is being built'})")
    click.echo(f"GraphiQL  {address}/graphql  (in a browser)")
    click.echo(f"Schema    {address}/schema.graphql")
    click.echo(f"Health    {address}/readyz")
    if len(listeners) > 1:
        click.echo(f"Ports     {' '.join(str(listener.getsockname()[1]) for listener in listeners)}")
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
