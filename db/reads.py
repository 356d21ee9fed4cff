"""How one request reads: public content by a bare statement, personal data in a transaction that names the viewer."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime

import asyncpg

from db.database import Database
from db.keyset import page_values
from db.listing import Listing, Page
from db.query import Query, RowT
from domain.pages import PageArguments
from domain.statistics import RequestStatistics
from domain.viewer import Viewer


class Reads:
    """What resolvers and loaders read through. It cannot write: its transactions are read-only."""

    __slots__ = ("_database", "now", "statistics", "viewer")

    def __init__(self, database: Database, viewer: Viewer | None, statistics: RequestStatistics) -> None:
        self._database = database
        # One moment for the whole request, so that its pages and totals agree.
        self.now = datetime.now(UTC)
        self.viewer = viewer
        self.statistics = statistics

    async def rows(self, query: Query[RowT], **values: object) -> list[RowT]:
        """All rows of the statement, in its order."""
        if query.personal and self.viewer is not None:
            async with self._database.transaction(_opening(self.viewer)) as connection:
                return await self._fetch(connection, query, values)
        async with self._database.connection() as connection:
            return await self._fetch(connection, query, values)

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

    async def _fetch(self, connection: asyncpg.Connection, query: Query[RowT], values: dict[str, object]) -> list[RowT]:
        started_at = time.perf_counter()
        rows: Sequence[RowT] = await connection.fetch(query.sql, *query.arguments(values), record_class=query.row)
        self.statistics.sql_statements += 1
        self.statistics.sql_ms += (time.perf_counter() - started_at) * 1000
        return list(rows)


def _opening(viewer: Viewer) -> str:
    # Formatted into the text, so that one round trip begins the transaction and names the viewer. Both values are
    # ours: a UUID and one of three words.
    return (
        "begin read only; select "
        f"set_config('app.user_id', '{viewer.id.hex}', true), set_config('app.role', '{viewer.role.value}', true)"
    )
