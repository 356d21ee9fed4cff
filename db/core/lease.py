"""Leases of pool connections, with the transaction around them."""

import asyncio
from time import perf_counter

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from common.tracing.span_types import TRANSACTION
from common.tracing.trace import record
from db.core.errors import DATABASE_ERRORS, raise_translated, translate_errors
from db.core.pool import REPLY_GRACE_SECONDS, ConnectionPool, is_open


class ConnectionLease:
    """A leased connection, inside a transaction if there is SQL to start one.

    `may_be_committed`: whether a transaction that raised an error may have taken effect.
    """

    __slots__ = ("_begin_sql", "_connection", "_connections", "may_be_committed")

    _connection: PoolConnectionProxy

    def __init__(self, connections: ConnectionPool, begin_sql: str | None) -> None:
        self._connections = connections
        self._begin_sql = begin_sql
        self.may_be_committed = False

    async def __aenter__(self) -> PoolConnectionProxy:
        if self._begin_sql is None:
            # Most leases need not wait.
            connection = self._connections.take_idle()
            if connection is not None:
                self._connection = connection
                return connection
        with translate_errors():
            self._connection = await self._connections.acquire()
            if self._begin_sql is not None:
                try:
                    await self._execute("begin", self._begin_sql)
                except BaseException:
                    await self._discard()
                    raise
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if error is None and self._begin_sql is None and self._connections.try_release(self._connection):
            return
        was_open = error is not None and is_open(self._connection)
        with translate_errors():
            if error is None:
                try:
                    if self._begin_sql is not None:
                        self.may_be_committed = True
                        await self._execute("commit", "commit")
                except BaseException:
                    await self._discard()
                    raise
                await self._connections.release(self._connection)
            else:
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                    # The server was demoted: its other connections do not lead to the primary either.
                    self._connections.expire()
                await self._discard()
        if error is not None:
            raise_translated(error, on_open_connection=was_open)

    async def _execute(self, name: str, sql: str) -> None:
        started_at, error = perf_counter(), None
        try:
            await self._connection.execute(sql)
        except BaseException as raised:
            error = type(raised).__name__
            raise
        finally:
            record(TRANSACTION, name, started_at, perf_counter(), error=error)

    async def _discard(self) -> None:
        try:
            if self._begin_sql is not None:
                await _roll_back(self._connection)
        finally:
            await self._connections.discard(self._connection)


async def _roll_back(connection: PoolConnectionProxy) -> None:
    """Roll back, or terminate the connection. Driver errors are dropped: the caller raises the original one."""
    if not is_open(connection):
        return
    try:
        # After a cancelled statement asyncpg waits for a reply that a server in shutdown never sends.
        async with asyncio.timeout(REPLY_GRACE_SECONDS):
            await connection.execute("rollback")
    except DATABASE_ERRORS:
        if is_open(connection):
            connection.terminate()
