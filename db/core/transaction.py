"""Write transactions with the RLS context of the viewer, retried after conflicts."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import TypeAlias, TypeVar

import asyncpg

from common.tracing.span_types import STATEMENT
from common.tracing.trace import record
from db.core.changes import RECORDED_TABLES, Change, parse_changes
from db.core.connection import Connection
from db.core.database import Database
from db.core.errors import DatabaseFull
from db.core.pool import DatabaseBusy
from db.core.row_level_security import viewer_sql
from db.core.statement import STATEMENT_SECONDS, Command, Query, RowT
from domain.enums import Role
from domain.errors import ServiceUnavailable
from domain.ids import UserId
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

ResultT = TypeVar("ResultT")

# Called with the changes that triggers recorded in a transaction; None: too many to be listed.
OnCommit: TypeAlias = Callable[[list[Change] | None], Awaitable[None]]

# A unique violation is retried because two transactions may insert the same row: the next attempt finds it.
RETRYABLE_ERRORS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
ATTEMPTS = 6
_MAX_FIRST_DELAY_SECONDS = 0.02

# How long a transaction is retried while a replica is promoted.
_FAILOVER_SECONDS = 4.0
_FAILOVER_DELAY_SECONDS = 0.2

CHANGES_SQL = "select current_setting('app.changes', true)"
_RECORD = "select record_personal_changes($1)"


class Transaction:
    """An open write transaction. It sees its own writes, and row-level security applies as it does to reads."""

    __slots__ = ("_connection", "_statistics", "_written", "is_distributed", "now", "request_id", "viewer")

    def __init__(
        self,
        connection: Connection,
        viewer: Viewer,
        now: datetime,
        request_id: str,
        statistics: RequestStatistics,
        *,
        is_distributed: bool = False,
    ) -> None:
        self._connection = connection
        self._statistics = statistics
        self.is_distributed = is_distributed
        self._written: set[str] = set()
        self.viewer = viewer
        # The time of the request, which its reads use too.
        self.now = now
        self.request_id = request_id

    @contextmanager
    def raw_connection(self) -> Iterator[Connection]:
        """Yield the connection to a library that sends one statement of its own."""
        started_at = time.perf_counter()
        yield self._connection
        ended_at = time.perf_counter()
        seconds = ended_at - started_at
        record(STATEMENT, "library", started_at, ended_at)
        self._statistics.sql_statements += 1
        self._statistics.sql_ms += seconds * 1000
        STATEMENT_SECONDS.observe(seconds)

    async def rows(self, statement: Query[RowT] | Command[RowT], **values: object) -> list[RowT]:
        """Return all rows of the statement. `viewer_id` and `now` are passed implicitly."""
        all_values = {"viewer_id": self.viewer.id, "now": self.now, **values}
        if isinstance(statement, Command):
            self._written |= statement.written
        statement = statement.variant(is_distributed=self.is_distributed)
        return await statement.run(self._connection, all_values, self._statistics)

    async def row(self, statement: Query[RowT] | Command[RowT], **values: object) -> RowT | None:
        """Return the first row, or None."""
        rows = await self.rows(statement, **values)
        return rows[0] if rows else None

    @asynccontextmanager
    async def acting_for(self, user_id: UserId) -> AsyncIterator["Transaction"]:
        """Yield the transaction of another user, for what administrators may change of their rows. Two statements.

        The caller has checked the viewer's permission, and writes the audit entry outside.
        """
        user = Viewer(user_id, Role.LEARNER)
        with self.raw_connection() as connection:
            await connection.execute(viewer_sql(user, is_distributed=self.is_distributed))
        transaction = Transaction(
            self._connection, user, self.now, self.request_id, self._statistics, is_distributed=self.is_distributed
        )
        yield transaction
        # After an exception the transaction is rolled back.
        if self.is_distributed:
            await transaction.read_changes()
        with self.raw_connection() as connection:
            await connection.execute(viewer_sql(self.viewer, is_distributed=self.is_distributed))

    async def read_changes(self) -> str:
        """Return `app.changes`. On a distributed database, record first what the viewer has changed."""
        if not self.is_distributed:
            return await self._connection.fetchval(CHANGES_SQL) or ""
        return await self._connection.fetchval(_RECORD, sorted(self._written & RECORDED_TABLES)) or ""


async def notify_of_commit(database: Database, changes: list[Change] | None, on_commit: OnCommit) -> None:
    """Await `on_commit` for changes that were committed.

    It wakes streams, whose clients may read what has changed before this process is notified by the database: replicas
    that do not have the changes are not read from now on.
    """
    if database.recent_changes is not None:
        database.recent_changes.record_changes(changes)
    await on_commit(changes)


async def run_transaction(
    database: Database,
    viewer: Viewer,
    now: datetime,
    request_id: str,
    statistics: RequestStatistics,
    work: Callable[[Transaction], Awaitable[ResultT]],
    on_commit: OnCommit | None = None,
) -> ResultT:
    """Run `work` in one transaction; an exception rolls it back.

    `work` may run several times. `on_commit` is awaited after the commit. Raises ServiceUnavailable if all attempts
    end in conflicts with other transactions. With replicas, one of which may be promoted, a transaction that was not
    committed is also retried during an outage.
    """
    last_error: Exception | None = None
    attempt, started_at = 0, time.monotonic()
    while attempt < ATTEMPTS:
        if attempt:
            # A random delay keeps two conflicting transactions from conflicting again.
            await asyncio.sleep(random.uniform(0, _MAX_FIRST_DELAY_SECONDS * 2 ** (attempt - 1)))  # noqa: S311  # no secret
        lease = database.transaction_of(viewer)
        try:
            try:
                async with lease as connection:
                    transaction = Transaction(
                        connection, viewer, now, request_id, statistics, is_distributed=database.is_distributed
                    )
                    result = await work(transaction)
                    # Triggers have recorded the changes, or are there none.
                    is_read = on_commit is not None or database.is_distributed
                    changes = await transaction.read_changes() if is_read else ""
            finally:
                if lease.may_be_committed and database.recent_changes is not None:
                    database.recent_changes.record(viewer.id)
        except RETRYABLE_ERRORS as error:
            last_error = error
            attempt += 1
        except ServiceUnavailable as error:
            is_failover = database.recent_changes is not None and not isinstance(error, DatabaseBusy | DatabaseFull)
            if lease.may_be_committed or not is_failover or time.monotonic() - started_at > _FAILOVER_SECONDS:
                raise
            await asyncio.sleep(_FAILOVER_DELAY_SECONDS)
        else:
            if on_commit is not None and changes:
                await notify_of_commit(database, parse_changes(changes), on_commit)
            return result
    if isinstance(last_error, asyncpg.UniqueViolationError):
        # The next attempt would have found a row of another transaction: this is a bug, not an outage.
        raise last_error
    raise ServiceUnavailable("Concurrent update; please retry.", retry_after=1) from last_error
