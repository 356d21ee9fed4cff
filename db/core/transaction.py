"""How one request writes: in a transaction that names the viewer, tried again when another stood in its way."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias, TypeVar

import asyncpg

from db.core.database import Database
from db.core.row_level_security import begin_sql
from db.core.statement import Command, Query, RowT
from db.notify.cache_tags import Change
from db.notify.listener import parse_changes
from domain.errors import ServiceUnavailable
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer

ResultT = TypeVar("ResultT")

# Is told what triggers told of a transaction's changes; None: more than can be told.
OnCommit: TypeAlias = Callable[[list[Change] | None], Awaitable[None]]

# A unique key is violated where two transactions make the same row at once: the next attempt finds it there.
RETRYABLE_ERRORS = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError)
ATTEMPTS = 6
_MAX_FIRST_DELAY_SECONDS = 0.02

CHANGES_SQL = "select current_setting('app.changes', true)"


class Transaction:
    """What a write works with. It reads what it wrote itself; row-level security applies as it does to reads."""

    __slots__ = ("_connection", "_statistics", "now", "request_id", "viewer")

    def __init__(
        self,
        connection: asyncpg.Connection,
        viewer: Viewer,
        now: datetime,
        request_id: str,
        statistics: RequestStatistics,
    ) -> None:
        self._connection = connection
        self._statistics = statistics
        self.viewer = viewer
        # The moment of the request, as its reads have it.
        self.now = now
        self.request_id = request_id

    @contextmanager
    def raw_connection(self) -> Iterator[asyncpg.Connection]:
        """The connection, for a library that sends one statement of its own."""
        started_at = time.perf_counter()
        yield self._connection
        self._statistics.sql_statements += 1
        self._statistics.sql_ms += (time.perf_counter() - started_at) * 1000

    async def rows(self, statement: Query[RowT] | Command[RowT], **values: object) -> list[RowT]:
        """All rows of the statement, in its order. `viewer_id` and `now` need not be handed in."""
        known = {"viewer_id": self.viewer.id, "now": self.now, **values}
        return await statement.run(self._connection, known, self._statistics)

    async def row(self, statement: Query[RowT] | Command[RowT], **values: object) -> RowT | None:
        """The first row, or None."""
        rows = await self.rows(statement, **values)
        return rows[0] if rows else None


async def run_transaction(
    database: Database,
    viewer: Viewer,
    now: datetime,
    request_id: str,
    statistics: RequestStatistics,
    work: Callable[[Transaction], Awaitable[ResultT]],
    on_commit: OnCommit | None = None,
) -> ResultT:
    """Does the work in one transaction. An error that leaves it undoes everything.

    The work may run several times. `on_commit` is waited for once it is committed. Raises ServiceUnavailable when
    others stood in its way again and again.
    """
    last_error: Exception | None = None
    for attempt in range(ATTEMPTS):
        if attempt:
            # At random, so that two that met do not meet again.
            await asyncio.sleep(random.uniform(0, _MAX_FIRST_DELAY_SECONDS * 2 ** (attempt - 1)))  # noqa: S311  # no secret
        try:
            async with database.transaction(begin_sql(viewer)) as connection:
                result = await work(Transaction(connection, viewer, now, request_id, statistics))
                told: str = "" if on_commit is None else await connection.fetchval(CHANGES_SQL) or ""
            if on_commit is not None and told:
                await on_commit(parse_changes(told))
            return result
        except RETRYABLE_ERRORS as error:
            last_error = error
    if isinstance(last_error, asyncpg.UniqueViolationError):
        # Another's row would have been found by the next attempt: a mistake of ours, which is no outage.
        raise last_error
    raise ServiceUnavailable(
        "Others are changing the same things. Try again in a moment.", retry_after=1
    ) from last_error
