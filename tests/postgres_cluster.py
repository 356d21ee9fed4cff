"""Stopping and killing a PostgreSQL cluster of a single test."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.dev_servers import postgresql
from server.dev_servers.socket_paths import socket_directory
from tests.processes import ending


def cluster_url(directory: Path) -> str:
    return postgresql.database_url(socket_directory(directory))


async def restart(directory: Path) -> None:
    """Restarts the cluster after a clean shutdown."""
    await asyncio.to_thread(postgresql.stop, directory)
    await start(directory)


async def kill_and_start(directory: Path) -> None:
    """Kills all processes, as a power failure would, and starts the cluster."""
    pid = await asyncio.to_thread(postmaster, directory)
    async with ending(pid):
        os.kill(pid, signal.SIGKILL)
    await start(directory)


async def start(directory: Path) -> None:
    await asyncio.to_thread(postgresql.start, directory, socket_directory(directory), lambda _: None)


def postmaster(directory: Path) -> int:
    return int((directory / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])


def processes(directory: Path) -> list[int]:
    """The postmaster and its children, including sessions."""
    first = postmaster(directory)
    children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
    return [first, *map(int, children)]


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Pauses the processes with SIGSTOP, as on a machine that hangs. Processes that have exited are ignored."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
