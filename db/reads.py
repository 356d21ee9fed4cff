"""How one request reads: public content by a bare statement, personal data by one that names the viewer."""

from datetime import UTC, datetime

from db.database import Database
from db.keyset import page_values
from db.listing import Listing, Page
from db.query import Query, RowT
from db.row_level_security import opening
from domain.pages import PageArguments
from domain.statistics import RequestStatistics
from domain.viewer import Viewer


class Reads:
    """What resolvers and loaders read through. It takes no statement that writes."""

    __slots__ = ("_database", "now", "statistics", "viewer")

    def __init__(self, database: Database, viewer: Viewer | None, statistics: RequestStatistics) -> None:
        self._database = database
        # One moment for the whole request, so that its pages and totals agree.
        self.now = datetime.now(UTC)
        self.viewer = viewer
        self.statistics = statistics

    async def rows(self, query: Query[RowT], **values: object) -> list[RowT]:
        """All rows of the statement, in its order, as they are when it begins."""
        viewer = self.viewer if query.personal else None
        if viewer is not None and viewer.is_admin:
            # They see everything, and that the planner has to know before it plans for so much.
            async with self._database.transaction(opening(viewer, read_only=True)) as connection:
                return await query.run(connection, values, self.statistics)
        async with self._database.connection() as connection:
            if viewer is not None:
                return await query.run_as(viewer, connection, values, self.statistics)
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
