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
from db.core.changes import Change, parse_changes
from db.core.connection import Connection
from db.core.database import Database
from db.core.row_level_security import begin_sql, viewer_sql
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

CHANGES_SQL = "select current_setting('app.changes', true)"


class Transaction:
    """An open write transaction. It sees its own writes, and row-level security applies as it does to reads."""

    __slots__ = ("_connection", "_statistics", "now", "request_id", "viewer")

    def __init__(
        self,
        connection: Connection,
        viewer: Viewer,
        now: datetime,
        request_id: str,
        statistics: RequestStatistics,
    ) -> None:
        self._connection = connection
        self._statistics = statistics
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
            await connection.fetchval(viewer_sql(user))
        yield Transaction(self._connection, user, self.now, self.request_id, self._statistics)
        # After an exception the transaction is rolled back.
        with self.raw_connection() as connection:
            await connection.fetchval(viewer_sql(self.viewer))


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
    end in conflicts with other transactions.
    """
    last_error: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            # A random delay keeps two conflicting transactions from conflicting again.
            await asyncio.sleep(random.uniform(0, _MAX_FIRST_DELAY_SECONDS * 2 ** (attempt - 1)))  # noqa: S311  # no secret
        try:
            async with database.transaction(begin_sql(viewer)) as connection:
                result = await work(Transaction(connection, viewer, now, request_id, statistics))
                changes: str = "" if on_commit is None else await connection.fetchval(CHANGES_SQL) or ""
            if on_commit is not None and changes:
                await on_commit(parse_changes(changes))
            return result
        except RETRYABLE_ERRORS as error:
            last_error = error
    if isinstance(last_error, asyncpg.UniqueViolationError):
        # The next attempt would have found a row of another transaction: this is a bug, not an outage.
        raise last_error
    raise ServiceUnavailable("Concurrent update; please retry.", retry_after=1) from last_error
