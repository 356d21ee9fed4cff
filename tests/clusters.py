"""Ends of a PostgreSQL that belongs to a test alone."""

import asyncio
import os
import signal
from pathlib import Path

from server.embedded import postgresql
from server.embedded.sockets import socket_directory
from tests.processes import ending


def cluster_url(directory: Path) -> str:
    return postgresql.database_url(socket_directory(directory))


async def restart(directory: Path) -> None:
    """In good order."""
    await asyncio.to_thread(postgresql.stop, directory)
    await start(directory)


async def kill_and_start(directory: Path) -> None:
    """As when the machine lost its power."""
    path = directory / "postgresql" / "postmaster.pid"
    postmaster = int((await asyncio.to_thread(path.read_text)).split("\n", 1)[0])
    async with ending(postmaster):
        os.kill(postmaster, signal.SIGKILL)
    await start(directory)


async def start(directory: Path) -> None:
    await asyncio.to_thread(postgresql.ensure_running, directory, socket_directory(directory), lambda _: None)
