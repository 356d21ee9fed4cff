"""Runs PostgreSQL and Valkey from Python wheels, for development and the demo. They are not installed in production.

Several processes share the servers of one data directory: the first one starts them, and the last one stops them. Each
holds a file lock, which the kernel releases if the process is killed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.dev_servers import postgresql, valkey
from server.dev_servers.errors import EmbeddedServerError
from server.dev_servers.monitor import MonitoredServer, monitor_servers
from server.dev_servers.socket_paths import socket_directory
from server.dev_servers.usage_lock import UsageLock

__all__ = ["EmbeddedServerError", "EmbeddedServers", "embedded_servers", "running_servers"]


@dataclass(frozen=True, slots=True)
class EmbeddedServers:
    """URLs of the servers, which listen on Unix sockets, so that they need no free port."""

    database_url: str
    redis_url: str


@contextmanager
def embedded_servers(
    data_dir: Path, echo: Callable[[str], None], *, restarts: bool = False
) -> Iterator[EmbeddedServers]:
    """Run both servers until the context exits. Servers that another process has started are shared.

    `echo` prints progress. `restarts`: threads restart servers that exit. Raises EmbeddedServerError.
    """
    data_dir = data_dir.absolute()
    data_dir.mkdir(parents=True, exist_ok=True)
    sockets = socket_directory(data_dir)
    with UsageLock(data_dir) as lock:
        with lock.exclusive():
            postgresql.start(data_dir, sockets, echo)
            valkey.start(data_dir, sockets)
        servers = _monitored_servers(data_dir, sockets, echo)
        monitor = monitor_servers(servers, lock.exclusive, echo) if restarts else nullcontext()
        try:
            with monitor:
                yield _build_urls(sockets)
        finally:
            with lock.exclusive():
                if lock.is_last_user():
                    valkey.stop(sockets)
                    postgresql.stop(data_dir)


def running_servers(data_dir: Path) -> EmbeddedServers | None:
    """Return the servers of this data directory if both are running, else None."""
    sockets = socket_directory(data_dir.absolute())
    if postgresql.is_ready(sockets) and valkey.is_ready(sockets):
        return _build_urls(sockets)
    return None


def _monitored_servers(data_dir: Path, sockets: Path, echo: Callable[[str], None]) -> list[MonitoredServer]:
    advice = "See {}. If the cause cannot be fixed, stop this server and {}, or set {} to another server."
    return [
        MonitoredServer(
            "PostgreSQL",
            partial(postgresql.is_running, data_dir),
            partial(postgresql.start, data_dir, sockets, echo),
            advice.format(
                data_dir / "postgresql.log",
                f"delete {data_dir / 'postgresql'} with all its data: the next start creates it again",
                "DATABASE_URL",
            ),
        ),
        MonitoredServer(
            "Valkey",
            partial(valkey.is_running, sockets),
            partial(valkey.start, data_dir, sockets),
            advice.format(data_dir / "valkey.log", f"delete {data_dir / 'valkey'}, which is only a cache", "REDIS_URL"),
        ),
    ]


def _build_urls(sockets: Path) -> EmbeddedServers:
    return EmbeddedServers(postgresql.database_url(sockets), valkey.redis_url(sockets))
