"""The connection pool of the application role, and connections outside of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import asyncpg

from common.metrics.merge import Snapshot
from db.core.errors import translate_errors
from db.core.lease import ConnectionLease
from db.core.pool import REPLY_GRACE_SECONDS, ConnectionPool
from db.core.pooled_connection import PooledConnection
from db.core.recent_changes import RecentChanges
from db.core.reserve import Reserve
from db.core.row_level_security import begin_sql
from db.core.schema_version import read_dictionary_progress, read_schema_version
from db.core.watched_connection import connect
from domain.errors import ServiceUnavailable
from domain.viewer import Viewer

APPLICATION_ROLE = "shinjp_app"

# Whether tables with data of learners have no triggers, as Citus requires: see db/distribution.
IS_VARIANT = "select to_regprocedure('public.record_personal_changes(text[])') is not null"

# Metrics of the pool, named by OpenTelemetry's conventions where it has names.
CONNECTION_COUNT = "db_client_connection_count"
CONNECTION_MAX = "db_client_connection_max"
PENDING_REQUESTS = "db_client_connection_pending_requests"
TIMEOUTS = "db_client_connection_timeouts"
WAITS = "shinjp_db_pool_waits"


@dataclass(frozen=True, slots=True)
class PoolStats:
    """Numbers of connections (`size`: open), of tasks that wait for one, and of waits and timeouts so far."""

    size: int
    limit: int
    in_use: int
    idle: int
    waiting: int
    waits: int
    timeouts: int

    @classmethod
    def from_metrics(cls, snapshot: Snapshot) -> Self:
        """Sum the pools of all processes."""
        value = snapshot.value
        in_use, idle = value(CONNECTION_COUNT, state="used"), value(CONNECTION_COUNT, state="idle")
        others = (value(name) for name in (PENDING_REQUESTS, WAITS, TIMEOUTS))
        return cls(*map(int, (in_use + idle, value(CONNECTION_MAX), in_use, idle, *others)))


@dataclass(frozen=True, slots=True)
class Probe:
    """Round-trip time in milliseconds, the last applied migration, None if there are no tables, and the numbers of
    loaded entries and of all entries of the dictionary, None if only the level words are loaded.
    """

    latency_ms: float
    schema_version: str | None
    dictionary: tuple[int, int] | None


class Database:
    """Sessions of the application role. Create it with `open_database`.

    `recent_changes`: gets the writes of users; None without replicas. `is_distributed`: statements do what triggers do
    otherwise, because learner data may be on other servers.
    """

    is_distributed = False

    def __init__(
        self,
        connections: ConnectionPool,
        reserve: Reserve | None = None,
        recent_changes: RecentChanges | None = None,
    ) -> None:
        self._connections = connections
        self._reserve = reserve
        self.recent_changes = recent_changes

    @property
    def is_full(self) -> bool:
        """Whether all connections are in use, so that the next acquisition has to wait."""
        return self._connections.is_full

    def connection(self) -> ConnectionLease:
        """Async context manager that leases a connection.

        Raises ServiceUnavailable if no connection becomes free in time or the server is down, OperationTimeout if a
        statement exceeds the statement timeout.
        """
        return ConnectionLease(self._connections, None)

    def transaction(self, begin_sql: str) -> ConnectionLease:
        """Async context manager for a transaction. `begin_sql`: statements that start it, sent in one round trip.

        Commits on success and rolls back on an exception. Raises like `connection`.
        """
        return ConnectionLease(self._connections, begin_sql)

    def transaction_of(self, viewer: Viewer, *, read_only: bool = False, snapshot: bool = False) -> ConnectionLease:
        """Like `transaction`, with the RLS context of the viewer. `snapshot`: as in `begin_sql`."""
        begin = begin_sql(viewer, read_only=read_only, snapshot=snapshot, is_distributed=self.is_distributed)
        return ConnectionLease(self._connections, begin)

    def sign_in(self, *, in_transaction: bool) -> ConnectionLease:
        """Like `transaction` or `connection`, but uses a reserved connection while the pool is exhausted.

        Administrators must be able to sign in to find out why it is.
        """
        connections = self._connections
        if connections.is_full and self._reserve is not None:
            connections = self._reserve.for_sign_in
        return ConnectionLease(connections, "begin" if in_transaction else None)

    def expire_connections(self) -> None:
        """Close all connections as soon as they are not in use: the server is no longer the primary."""
        self._connections.expire()

    def terminate(self) -> None:
        """Close all connections, so that statements in progress fail."""
        self._connections.terminate()
        if self._reserve is not None:
            self._reserve.terminate()

    def pool_stats(self) -> PoolStats:
        pool = self._connections
        size, idle = pool.size, pool.idle
        return PoolStats(
            size=size,
            limit=pool.limit,
            in_use=size - idle,
            idle=idle,
            waiting=pool.waiting,
            waits=pool.wait_count,
            timeouts=pool.timeout_count,
        )

    async def assert_rls_enforced(self) -> None:
        """Raise ServiceUnavailable if the sessions bypass row-level security."""
        async with self.connection() as connection:
            bypasses = await connection.fetchval(
                "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
            )
        if bypasses:
            raise ServiceUnavailable(
                f"The database sessions do not run as {APPLICATION_ROLE} and would bypass row-level security. "
                "Behind a pooler that drops the start-up parameter `role`, log in as a role without those rights."
            )

    async def read_variant(self) -> None:
        """Find out whether the tables are those of a distributed deployment."""
        async with self.connection() as connection:
            self.is_distributed = await connection.fetchval(IS_VARIANT)

    async def identity(self) -> str:
        """Return an identifier of the database that does not depend on its address."""
        async with self.connection() as connection:
            return str(
                await connection.fetchval(
                    "select system_identifier || '.' || oid from pg_control_system(), pg_database"
                    " where datname = current_database()"
                )
            )

    async def probe(self) -> Probe:
        """Measure a round trip, on a reserved connection while the pool is exhausted. Can be cancelled at any time.

        Raises DatabaseBusy if the server refuses another connection, ServiceUnavailable if it is down.
        """
        connections = self._connections
        if connections.is_full and self._reserve is not None:
            connections = self._reserve.for_probe
        async with ConnectionLease(connections, None) as connection:
            started_at = time.perf_counter()
            try:
                version = await read_schema_version(connection)
                latency_ms = (time.perf_counter() - started_at) * 1000
                dictionary = await read_dictionary_progress(connection, version)
            except asyncio.CancelledError:
                # Do not wait for a server that does not reply.
                connection.terminate()
                raise
            return Probe(latency_ms, version, dictionary)


@asynccontextmanager
async def open_database(
    url: str,
    *,
    min_size: int,
    max_size: int,
    timeout: float = 5.0,
    statement_timeout: float = 30.0,
    prepared_statements: bool = True,
    recent_changes: RecentChanges | None = None,
) -> AsyncIterator[Database]:
    """Open a pool whose sessions run as the application role, to which row-level security applies.

    `timeout`: seconds to wait for a connection. `prepared_statements`: off behind a PgBouncer older than 1.21.
    `recent_changes`: gets the writes of users.
    Raises ServiceUnavailable if the server is down, or if the role would bypass row-level security.
    """
    options: dict[str, Any] = {} if prepared_statements else {"statement_cache_size": 0}
    create_pool = partial(
        asyncpg.create_pool,
        url,
        connection_class=PooledConnection,
        # A server that is shutting down may not reply to a statement.
        command_timeout=statement_timeout + REPLY_GRACE_SECONDS,
        server_settings={
            "application_name": "shinjp",
            "role": APPLICATION_ROLE,
            "statement_timeout": str(int(statement_timeout * 1000)),
            "timezone": "UTC",
            # JIT compilation never pays off for OLTP queries, but the planner's estimates can trigger it.
            "jit": "off",
        },
        **options,
    )
    with translate_errors():
        pool = await create_pool(min_size=min_size, max_size=max_size)
        reserve = await Reserve.open(create_pool, timeout)
    connections = ConnectionPool(pool, max_size, timeout)
    database = Database(connections, reserve, recent_changes)
    try:
        await database.assert_rls_enforced()
        await database.read_variant()
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
async def owner_connection(url: str, *, command_timeout: float | None = None) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection outside the pool with the role of the URL, which owns the tables. For commands and workers.

    `command_timeout`: seconds for each statement. Work that is repeated needs one, because it hangs unseen.
    """
    connection = await connect(url, command_timeout=command_timeout)
    try:
        yield connection
    finally:
        await connection.close(timeout=REPLY_GRACE_SECONDS)
