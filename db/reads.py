"""How one request reads: public content by a bare statement, personal data in a transaction that names the viewer."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import TypeVar

from asyncpg import Connection

from db.database import Database, Lent, opening
from db.keyset import page_values
from db.listing import Listing, Page
from db.query import Query, RowT
from domain.errors import ClientError
from domain.pages import PageArguments
from domain.statistics import RequestStatistics
from domain.viewer import Viewer

ResultT = TypeVar("ResultT")


class Reads:
    """What resolvers and loaders read through. It cannot write: its transactions are read-only."""

    __slots__ = ("_database", "_transaction", "now", "statistics", "viewer")

    def __init__(self, database: Database, viewer: Viewer | None, statistics: RequestStatistics) -> None:
        self._database = database
        self._transaction: _SharedTransaction | None = None
        # One moment for the whole request, so that its pages and totals agree.
        self.now = datetime.now(UTC)
        self.viewer = viewer
        self.statistics = statistics

    @asynccontextmanager
    async def one_transaction(self) -> AsyncIterator[None]:
        """While one operation runs: personal data is read in one transaction, instead of one for each statement.

        It is begun by the first such statement, and each statement sees what is committed when it begins.
        """
        if self.viewer is None:
            yield
            return
        self._transaction = _SharedTransaction(self._database, opening(self.viewer, read_only=True))
        try:
            yield
        finally:
            transaction, self._transaction = self._transaction, None
            # What was read was read, also where the server is gone meanwhile.
            with suppress(ClientError):
                await transaction.end()

    async def pause(self) -> None:
        """Gives the transaction's connection back until the next statement: the operation wants another one now."""
        if self._transaction is not None:
            await self._transaction.pause()

    async def rows(self, query: Query[RowT], **values: object) -> list[RowT]:
        """All rows of the statement, in its order."""
        shared = self._transaction
        if shared is not None and (query.personal or shared.is_open):
            return await shared.run(lambda connection: query.run(connection, values, self.statistics))
        if query.personal and self.viewer is not None:
            async with self._database.transaction(opening(self.viewer, read_only=True)) as connection:
                return await query.run(connection, values, self.statistics)
        async with self._database.connection() as connection:
            return await query.run(connection, values, self.statistics)

    async def row(self, query: Query[RowT], **values: object) -> RowT | None:
        """The first row, or None."""
        rows = await self.rows(query, **values)
        return rows[0] if rows else None

    async def page(self, listing: Listing[RowT], arguments: PageArguments, **values: object) -> Page[RowT]:
        """One page, in one statement.

        Raises BadUserInput for a cursor that is not of this list.
        """
        rows = await self.rows(listing.page(arguments), **values, **page_values(listing.ordering, arguments))

        async def count() -> int:
            counted = await self.row(listing.count, **values)
            return counted.count if counted else 0

        return Page.of(rows, listing.ordering, arguments, count)


class _SharedTransaction:
    """A transaction for one statement after the other. What comes while one runs gets a transaction of its own.

    Nobody keeps a connection and waits for another: as long as somebody waits, it is given back after each statement.
    """

    __slots__ = ("_database", "_has_ended", "_is_busy", "_lent", "_opening", "_others")

    def __init__(self, database: Database, opening: str) -> None:
        self._database = database
        self._opening = opening
        self._lent: Lent | None = None
        self._is_busy = False
        self._has_ended = False
        self._others = 0

    @property
    def is_open(self) -> bool:
        """And free for a statement."""
        return self._lent is not None and not self._is_busy

    async def run(self, work: Callable[[Connection], Awaitable[ResultT]]) -> ResultT:
        if self._is_busy:
            self._others += 1
            try:
                async with self._database.transaction(self._opening) as connection:
                    return await work(connection)
            finally:
                self._others -= 1
        self._is_busy = True
        try:
            return await self._run(work)
        finally:
            self._is_busy = False

    async def _run(self, work: Callable[[Connection], Awaitable[ResultT]]) -> ResultT:
        if self._lent is None:
            lent = self._database.transaction(self._opening)
            await lent.__aenter__()
            self._lent = lent
        lent = self._lent
        try:
            result = await work(lent.connection)
        except BaseException as error:
            self._lent = None
            await lent.__aexit__(type(error), error, error.__traceback__)
            raise
        if self._others or self._has_ended:
            self._lent = None
            await lent.__aexit__(None, None, None)
        return result

    async def end(self) -> None:
        """A statement that still runs, for nobody any more, ends it when it is done."""
        self._has_ended = True
        await self.pause()

    async def pause(self) -> None:
        if self.is_open:
            lent, self._lent = self._lent, None
            assert lent is not None
            await lent.__aexit__(None, None, None)
