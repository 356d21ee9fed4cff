"""A connection for the questions of the monitor, outside of the pools, which may be exhausted."""

import asyncio

import asyncpg

from db.core.pool import is_open
from db.core.watched_connection import connect

APPLICATION_NAME = "shinjp monitor"
# A server that takes longer counts as dead.
_POLL_TIMEOUT_SECONDS = 0.5
_CONNECT_TIMEOUT_SECONDS = 5.0


class MonitoredServer:
    """Reconnects when it is asked after an error."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None

    async def ask(self, sql: str) -> asyncpg.Record:
        """Return the row of the query. Raises one of DATABASE_ERRORS."""
        if self._connection is None or not is_open(self._connection):
            async with asyncio.timeout(_CONNECT_TIMEOUT_SECONDS):
                self._connection = await connect(
                    self._url,
                    statement_cache_size=0,
                    server_settings={"application_name": APPLICATION_NAME, "timezone": "UTC"},
                )
        try:
            async with asyncio.timeout(_POLL_TIMEOUT_SECONDS):
                row = await self._connection.fetchrow(sql)
        except BaseException:
            self.disconnect()
            raise
        assert row is not None
        return row

    def disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
