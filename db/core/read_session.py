"""How one request reads: public content by a bare statement, personal data by one that names the viewer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from db.core.database import Database
from db.core.keyset import page_parameters
from db.core.pagination import Page, PagedQuery
from db.core.row_level_security import begin_sql
from db.core.statement import Query, RowT
from domain.pages import PageArguments
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer


class TagCollector(Protocol):
    """Is told of what is read. See `cache.types`, which knows nothing of databases."""

    async def __call__(self, tags: set[str]) -> None: ...
    def expires(self, at: datetime) -> None: ...


class ReadSession:
    """What resolvers and loaders read through. It takes no statement that writes.

    `on_read`: is waited for before each statement, and told when what the clock changes is another.
    """

    __slots__ = ("_database", "_on_read", "_viewer", "now", "statistics")

    def __init__(
        self,
        database: Database,
        viewer: Viewer | None,
        statistics: RequestStatistics,
        on_read: TagCollector | None = None,
    ) -> None:
        self._database = database
        self._on_read = on_read
        # One moment for the whole request, so that its pages and totals agree.
        self.now = datetime.now(UTC)
        self._viewer = viewer
        self.statistics = statistics

    @property
    def viewer(self) -> Viewer | None:
        return self._viewer

    @property
    def includes_unpublished(self) -> bool:
        """Whether books are among what is read that learners do not see yet."""
        return self._viewer is not None and self._viewer.is_editor

    async def rows(self, query: Query[RowT], **values: object) -> list[RowT]:
        """All rows of the statement, in its order, as they are when it begins."""
        on_read = self._on_read
        if on_read is None:
            return await self._rows(query, values)
        await on_read(query.cache_tags(values))
        rows = await self._rows(query, values)
        if query.changes_at is not None:
            if rows:
                on_read.expires(rows[0][query.changes_at])
            else:
                # Nobody can say when there is one.
                await on_read(set())
        return rows

    async def _rows(self, query: Query[RowT], values: Mapping[str, object]) -> list[RowT]:
        viewer = self._viewer if query.rls_scoped else None
        if viewer is not None and viewer.is_admin:
            # They see everything, and that the planner has to know before it plans for so much.
            async with self._database.transaction(begin_sql(viewer, read_only=True)) as connection:
                return await query.run(connection, values, self.statistics)
        async with self._database.connection() as connection:
            if viewer is not None:
                return await query.run_for_viewer(viewer, connection, values, self.statistics)
            return await query.run(connection, values, self.statistics)

    async def row(self, query: Query[RowT], **values: object) -> RowT | None:
        """The first row, or None."""
        rows = await self.rows(query, **values)
        return rows[0] if rows else None

    async def page(self, paged_query: PagedQuery[RowT], arguments: PageArguments, **values: object) -> Page[RowT]:
        """One page, in one statement; in two where nothing comes after the cursor.

        Raises BadUserInput for a cursor that is not of this list.
        """
        place = page_parameters(paged_query.ordering, arguments)
        rows = await self.rows(paged_query.page(arguments), **values, **place)
        beyond = None if rows else paged_query.beyond(arguments)
        has_beyond = beyond is not None and bool(await self.rows(beyond, **values, **place))

        async def count() -> int:
            counted = await self.row(paged_query.count, **values)
            return counted.count if counted else 0

        return Page.of(rows, paged_query.ordering, arguments, count, has_beyond=has_beyond)


class ViewerNotAllowed(Exception):
    """What is for everybody asked who the viewer is."""


class PublicReadSession(ReadSession):
    """Reads what everybody sees: its sessions are nobody's, to whom row-level security shows public rows alone.

    `includes_unpublished`: everybody who edits.
    """

    __slots__ = ("_sees_unpublished",)

    def __init__(
        self, database: Database, statistics: RequestStatistics, on_read: TagCollector, *, includes_unpublished: bool
    ) -> None:
        super().__init__(database, None, statistics, on_read)
        self._sees_unpublished = includes_unpublished

    @property
    def viewer(self) -> Viewer | None:
        """Raises ViewerNotAllowed: what depends on the viewer is nobody else's."""
        raise ViewerNotAllowed

    @property
    def includes_unpublished(self) -> bool:
        return self._sees_unpublished
