"""Notices that another server responds than before, or the same one after a restart.

Such a server may have an older state than the process has seen: a replica that was promoted before it received the last
writes, or a snapshot that was loaded. No command needs to fail meanwhile, if none was sent.
"""

import re
from collections.abc import Callable
from typing import Any

import structlog
from redis.exceptions import ResponseError

log = structlog.get_logger()

_RUN = re.compile(rb"^run_id:(\w+)", re.MULTILINE)
_HISTORY = re.compile(rb"^master_replid:(\w+)", re.MULTILINE)
# Of a primary that was a replica of another server before.
_PROMOTED = re.compile(rb"^master_replid2:\w*[1-9a-f]", re.MULTILINE)


class ServerChanges:
    """`on_change`: called before the first command is sent to such a server."""

    def __init__(self) -> None:
        self.on_change: list[Callable[[], None]] = []
        # The run and history of each server, by its address.
        self._servers: dict[object, list[bytes]] = {}

    async def on_connect(self, connection: Any) -> None:
        """Initialize a connection: redis-py calls this instead of the connection's own method."""
        await connection.on_connect()
        try:
            await connection.send_command("INFO", "server", "replication")
            info: bytes = await connection.read_response()
        except ResponseError:
            # The account has no right to it. Changes are noticed by failures of commands alone.
            return
        address = getattr(connection, "path", None) or (connection.host, connection.port)
        server = [value for pattern in (_RUN, _HISTORY) for value in pattern.findall(info)]
        former, self._servers[address] = self._servers.get(address), server
        if former != server if former is not None else _PROMOTED.search(info) is not None:
            log.info("redis server restarted or replaced")
            for callback in self.on_change:
                callback()
