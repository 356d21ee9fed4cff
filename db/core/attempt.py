"""Writes without a transaction that stays open: reads without locks, then one statement that saves in a transaction of
its own, if what was read is still so.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

import asyncpg

from db.core.changes import parse_changes
from db.core.connection import Connection
from db.core.database import Database
from db.core.errors import DatabaseFull
from db.core.pool import DatabaseBusy
from db.core.statement import Command, Query, RowT
from db.core.transaction import RETRYABLE_ERRORS, OnCommit, Transaction, notify_of_commit
from domain.errors import ServiceUnavailable
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

ResultT = TypeVar("ResultT")

# After these nothing is saved. A server that was demoted does not write.
_NOT_SAVED = (*RETRYABLE_ERRORS, asyncpg.ReadOnlySQLTransactionError)


class Attempt:
    """Reads for a write, and the write. `is_sent`: whether the write may have taken effect."""

    __slots__ = ("_connection", "_statistics", "is_sent", "now", "viewer")

    def __init__(self, connection: Connection, viewer: Viewer, now: datetime, statistics: RequestStatistics) -> None:
        self._connection = connection
        self._statistics = statistics
        self.viewer = viewer
        self.now = now
        self.is_sent = False

    async def rows(self, statement: Query[RowT], /, **values: object) -> list[RowT]:
        """Return all rows of the query, with the RLS context of the viewer."""
        return await statement.run_for_viewer(self.viewer, self._connection, self._values(values), self._statistics)

    async def save(self, command: Command[RowT], **values: object) -> RowT:
        """Execute a statement that sets the RLS context itself, and return its row."""
        self.is_sent = True
        rows = await command.run(self._connection, self._values(values), self._statistics)
        return rows[0]

    def _values(self, values: dict[str, object]) -> dict[str, object]:
        return {"viewer_id": self.viewer.id, "now": self.now, **values}


# What reads the rows of a viewer, at the time of a request.
Reads: TypeAlias = Transaction | Attempt


async def run_attempt(
    database: Database,
    viewer: Viewer,
    now: datetime,
    statistics: RequestStatistics,
    work: Callable[[Attempt], Awaitable[tuple[ResultT, str] | None]],
    on_commit: OnCommit,
) -> ResultT | None:
    """Run `work`, which returns its result and `app.changes` after it has saved. None: nothing was saved, and a
    transaction has to do it.

    Not for administrators, whom policies do not restrict, nor on a distributed database, whose other servers get the
    RLS context from a transaction only. `on_commit`: as in `run_transaction`.
    """
    if viewer.is_admin or database.is_distributed:
        return None
    attempt: Attempt | None = None
    try:
        async with database.connection() as connection:
            attempt = Attempt(connection, viewer, now, statistics)
            try:
                done = await work(attempt)
            except _NOT_SAVED:
                return None
    except ServiceUnavailable as error:
        # A transaction that was not sent is repeated while a replica is promoted.
        is_failover = database.recent_changes is not None and not isinstance(error, DatabaseBusy | DatabaseFull)
        if not is_failover or (attempt is not None and attempt.is_sent):
            raise
        return None
    finally:
        if attempt is not None and attempt.is_sent and database.recent_changes is not None:
            database.recent_changes.record(viewer.id)
    if done is None:
        return None
    result, changes = done
    if changes:
        await notify_of_commit(database, parse_changes(changes), on_commit)
    return result
