"""The connection pool, and connections outside of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import asyncpg

from db.core.errors import DATABASE_ERRORS, raise_translated, translate_errors
from db.core.pool import ANSWER_GRACE_SECONDS, ConnectionPool, is_open
from db.core.reserve import Reserve
from db.core.schema_version import read_schema_version
from domain.errors import ServiceUnavailable

APPLICATION_ROLE = "shinjp_app"


class _Connection(asyncpg.Connection):  # type: ignore[misc]  # asyncpg carries no types
    """A connection that is given back as it is.

    asyncpg would send RESET ALL and more on every release, a round trip of 60 to 150 µs. Nothing here outlives a
    transaction: settings are made with `set_config(…, true)`, and there are no session locks, cursors or LISTENs.
    """

    __slots__ = ()

    def get_reset_query(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Connections: open, lent out, idle; how many requests wait for one; and how many ever did, and in vain."""

    size: int
    limit: int
    in_use: int
    idle: int
    waiting: int
    waits: int
    timeouts: int


@dataclass(frozen=True, slots=True)
class Probe:
    """Milliseconds of a round trip, and the last migration; None: there are no tables."""

    latency_ms: float
    schema_version: str | None


class Database:
    """The pool of the application's role. Open it with `open_database`."""

    def __init__(self, connections: ConnectionPool, reserve: Reserve | None = None) -> None:
        self._connections = connections
        self._reserve = reserve

    @property
    def is_full(self) -> bool:
        """Whether all connections are lent: the next one to ask has to wait."""
        return self._connections.is_full

    def connection(self) -> "ConnectionLease":
        """For `async with`: a connection for a short while.

        Raises ServiceUnavailable when none comes free in time or the server is gone, OperationTimeout when a statement
        runs into its time-out.
        """
        return ConnectionLease(self._connections, None)

    def transaction(self, opening: str) -> "ConnectionLease":
        """For `async with`: a transaction begun by `opening`, statements sent in one round trip.

        Commits unless an error leaves it. Raises like `connection`.
        """
        return ConnectionLease(self._connections, opening)

    def sign_in(self) -> "ConnectionLease":
        """Like `transaction`; does not wait while the pool is full.

        Administrators have to come in to see why it is.
        """
        connections = self._connections
        if connections.is_full and self._reserve is not None:
            connections = self._reserve.for_sign_in
        return ConnectionLease(connections, "begin")

    def pool_stats(self) -> PoolStats:
        of = self._connections
        size, idle = of.size, of.idle
        return PoolStats(
            size=size,
            limit=of.limit,
            in_use=size - idle,
            idle=idle,
            waiting=of.waiting,
            waits=of.wait_count,
            timeouts=of.timeout_count,
        )

    async def assert_rls_enforced(self) -> None:
        """Raises ServiceUnavailable when row-level security would not apply to these sessions."""
        async with self.connection() as connection:
            bypasses = await connection.fetchval(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            )
        if bypasses:
            raise ServiceUnavailable(
                f"The database sessions do not run as {APPLICATION_ROLE} and would bypass row-level security. "
                "Behind a pooler that drops the start-up parameter `role`, log in as a role without those rights."
            )

    async def identity(self) -> str:
        """Of the database, whatever address leads to it: no other has the same."""
        async with self.connection() as connection:
            return str(
                await connection.fetchval(
                    "select system_identifier || '.' || oid from pg_control_system(), pg_database"
                    " where datname = current_database()"
                )
            )

    async def probe(self) -> Probe:
        """Asks the server something, not waiting for others while the pool is full. Ends at once when it is cancelled.

        Raises DatabaseBusy when the server refuses one connection more, ServiceUnavailable when it is down.
        """
        connections = self._connections
        if connections.is_full and self._reserve is not None:
            connections = self._reserve.for_probe
        async with ConnectionLease(connections, None) as connection:
            started_at = time.perf_counter()
            try:
                version = await read_schema_version(connection)
            except asyncio.CancelledError:
                # So that nobody waits for the word of a server that is silent.
                connection.terminate()
                raise
            return Probe((time.perf_counter() - started_at) * 1000, version)


class ConnectionLease:
    """A connection, with a transaction on it where there is something to open it by."""

    __slots__ = ("_connection", "_connections", "_opening")

    def __init__(self, connections: ConnectionPool, opening: str | None) -> None:
        self._connections = connections
        self._opening = opening
        self._connection: asyncpg.Connection = None

    async def __aenter__(self) -> asyncpg.Connection:
        with translate_errors():
            self._connection = await self._connections.acquire()
            if self._opening is not None:
                try:
                    await self._connection.execute(self._opening)
                except BaseException:
                    await self._discard()
                    raise
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        was_usable = error is not None and is_open(self._connection)
        with translate_errors():
            if error is None:
                try:
                    if self._opening is not None:
                        await self._connection.execute("commit")
                except BaseException:
                    await self._discard()
                    raise
                await self._connections.release(self._connection)
            else:
                await self._discard()
        if error is not None:
            raise_translated(error, on_open_connection=was_usable)

    async def _discard(self) -> None:
        try:
            if self._opening is not None:
                await _roll_back(self._connection)
        finally:
            await self._connections.discard(self._connection)


@asynccontextmanager
async def open_database(
    url: str,
    *,
    min_size: int,
    max_size: int,
    timeout: float = 5.0,
    statement_timeout: float = 30.0,
    prepared_statements: bool = True,
) -> AsyncIterator[Database]:
    """A pool whose sessions run as the application's role, to which row-level security applies.

    `timeout`: seconds to wait for a connection. `prepared_statements`: off behind a PgBouncer older than 1.21.
    Raises ServiceUnavailable when the server does not answer, and when the role would bypass row-level security.
    """
    options: dict[str, Any] = {} if prepared_statements else {"statement_cache_size": 0}
    create_pool = partial(
        asyncpg.create_pool,
        url,
        connection_class=_Connection,
        # A server that is going down may leave a statement without an answer.
        command_timeout=statement_timeout + ANSWER_GRACE_SECONDS,
        server_settings={
            "application_name": "shinjp",
            "role": APPLICATION_ROLE,
            "statement_timeout": str(int(statement_timeout * 1000)),
            "timezone": "UTC",
            # The planner's estimate for an OLTP query never pays for compiling it.
            "jit": "off",
        },
        **options,
    )
    with translate_errors():
        pool = await create_pool(min_size=min_size, max_size=max_size)
        reserve = await Reserve.open(create_pool, timeout)
    connections = ConnectionPool(pool, max_size, timeout)
    database = Database(connections, reserve)
    try:
        await database.assert_rls_enforced()
        yield database
    finally:
        try:
            async with asyncio.timeout(timeout):
                await connections.close()
                await pool.close()
                await reserve.close()
        except TimeoutError:
            pool.terminate()
            reserve.terminate()


@asynccontextmanager
async def owner_connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection outside the pool, as the role of the address: for commands and workers, which own the tables."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


async def _roll_back(connection: asyncpg.Connection) -> None:
    """Leaves the connection as it was lent, or ends it. The error that is on its way stays the one that is told."""
    if not is_open(connection):
        return
    try:
        # After a statement that was cancelled asyncpg waits for the server's word, which one that is going down never
        # gives.
        async with asyncio.timeout(ANSWER_GRACE_SECONDS):
            await connection.execute("rollback")
    except DATABASE_ERRORS:
        if is_open(connection):
            connection.terminate()
