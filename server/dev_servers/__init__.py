"""PostgreSQL and Valkey from Python wheels, for development and the demo. Production has neither.

Several processes share the servers of one data directory: the first starts them, the last stops them. Locks of the
kernel say who still uses them, so a process that was killed does not count.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.dev_servers import postgresql, valkey
from server.dev_servers.errors import EmbeddedServerError
from server.dev_servers.socket_paths import socket_directory
from server.dev_servers.usage_lock import Lease
from server.dev_servers.watch import Watched, watching

__all__ = ["EmbeddedServerError", "EmbeddedServers", "embedded_servers", "running_servers"]


@dataclass(frozen=True, slots=True)
class EmbeddedServers:
    """Where they listen: unix sockets, so that no port can be taken."""

    database_url: str
    redis_url: str


@contextmanager
def embedded_servers(
    data_dir: Path, report: Callable[[str], None], *, restarts: bool = False
) -> Iterator[EmbeddedServers]:
    """Both servers, for as long as the context is open. Starts what does not run yet.

    `report` is told what takes longer than a second. `restarts`: starts again, from threads, what ends meanwhile.
    Raises EmbeddedServerError where they cannot run.
    """
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    sockets = socket_directory(data_dir)
    with Lease(data_dir) as lease:
        with lease.alone():
            postgresql.ensure_running(data_dir, sockets, report)
            valkey.ensure_running(data_dir, sockets)
        watch = watching(_watched(data_dir, sockets, report), lease.alone, report) if restarts else nullcontext()
        try:
            with watch:
                yield _addresses(sockets)
        finally:
            with lease.alone():
                if lease.is_last():
                    valkey.stop(sockets)
                    postgresql.stop(data_dir)


def running_servers(data_dir: Path) -> EmbeddedServers | None:
    """The servers of this data directory if both answer, else None."""
    sockets = socket_directory(data_dir.absolute())
    if postgresql.answers(sockets) and valkey.answers(sockets):
        return _addresses(sockets)
    return None


def _watched(data_dir: Path, sockets: Path, report: Callable[[str], None]) -> list[Watched]:
    advice = "{} says why. If it cannot be helped, stop this server and {}, or set {} to a server of your own."
    return [
        Watched(
            "PostgreSQL",
            partial(postgresql.is_running, data_dir),
            partial(postgresql.ensure_running, data_dir, sockets, report),
            advice.format(
                data_dir / "postgresql.log",
                f"delete {data_dir / 'postgresql'}, with everything in it: the next start makes it anew",
                "DATABASE_URL",
            ),
        ),
        Watched(
            "Valkey",
            partial(valkey.is_running, sockets),
            partial(valkey.ensure_running, data_dir, sockets),
            advice.format(
                data_dir / "valkey.log", f"delete {data_dir / 'valkey'}, where nothing is that is missed", "REDIS_URL"
            ),
        ),
    ]


def _addresses(sockets: Path) -> EmbeddedServers:
    return EmbeddedServers(postgresql.database_url(sockets), valkey.redis_url(sockets))
