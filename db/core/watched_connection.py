"""Connections that end within half a minute after the server's machine has disappeared.

Otherwise a statement in flight waits for the kernel's retransmissions, about a quarter of an hour, and one that the
server has received waits forever.
"""

import asyncio
import socket
from typing import Any

import asyncpg

# Without data for this long, the kernel asks whether the other side is there.
_IDLE_SECONDS = 10
_INTERVAL_SECONDS = 5
_PROBES = 3
# For how long data may be unacknowledged.
_UNACKNOWLEDGED_MS = 20_000

# Systems have different options.
_OPTIONS = tuple(
    (getattr(socket, name), value)
    for name, value in (
        ("TCP_KEEPIDLE", _IDLE_SECONDS),
        ("TCP_KEEPINTVL", _INTERVAL_SECONDS),
        ("TCP_KEEPCNT", _PROBES),
        ("TCP_USER_TIMEOUT", _UNACKNOWLEDGED_MS),
    )
    if hasattr(socket, name)
)


class WatchedConnection(asyncpg.Connection):
    """The base class of all connections. Connections to Unix sockets need no options."""

    __slots__ = ()

    def __init__(self, protocol: Any, transport: asyncio.Transport, *arguments: Any, **options: Any) -> None:
        super().__init__(protocol, transport, *arguments, **options)
        connected = transport.get_extra_info("socket")
        if connected is None or connected.family not in (socket.AF_INET, socket.AF_INET6):
            return
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _OPTIONS:
            connected.setsockopt(socket.IPPROTO_TCP, option, value)


async def connect(url: str, **options: Any) -> asyncpg.Connection:
    """Like `asyncpg.connect`."""
    return await asyncpg.connect(url, connection_class=WatchedConnection, **options)
