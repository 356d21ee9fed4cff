"""Read access for one request, with the RLS context where a query needs it."""

from collections.abc import Coroutine, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from db.core.database import Database
from db.core.generic_plans import explain_statements, read_generic_plans
from db.core.keyset import page_parameters
from db.core.pagination import Page, PagedQuery
from db.core.replication.position import Position
from db.core.replication.replica import REPLICA_ERRORS, Replica
from db.core.statement import Command, Query, Row, RowT
from domain.enums import Role
from domain.ids import UserId
from domain.pages import PageArguments
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer


class TagCollector(Protocol):
    """Collects what a cached value depends on. See `cache.types.TagCollector`."""

    async def __call__(self, tags: set[str]) -> None: ...
    def expires(self, at: datetime) -> None: ...


class ReadSession:
    """Executes queries for resolvers and loaders. It does not accept statements that write, except to log a look.

    `collector`: awaited with the tags of each query before it runs, and called with the time at which its result
    expires. `request_id`: for the log of looks.

    `after`: the position of the viewer's last write, which a replica must have. `used_replica`: whether rows may be
    older than those of the primary.
    """

    __slots__ = (
        "_collector", "_database", "_replica", "_request_id", "_viewer", "after", "now", "statistics", "used_replica",
    )  # fmt: skip

    def __init__(
        self,
        database: Database,
        viewer: Viewer | None,
        statistics: RequestStatistics,
        collector: TagCollector | None = None,
        request_id: str | None = None,
    ) -> None:
        self._database = database
        self._request_id = request_id
        self._collector = collector
        # All pages and totals of a request use the same current time.
        self.now = datetime.now(UTC)
        self._viewer = viewer
        self.statistics = statistics
        self._replica: Replica | None = None
        self.used_replica = False
        self.after: Position | None = None

    @property
    def viewer(self) -> Viewer | None:
        return self._viewer

    @property
    def is_distributed(self) -> bool:
        """Whether data of learners may be on several servers."""
        return self._database.is_distributed

    @property
    def includes_unpublished(self) -> bool:
        """Whether unpublished books are visible."""
        return self._viewer is not None and self._viewer.is_editor

    def read_from(self, replica: Replica) -> None:
        """Execute queries on the replica, and on the primary if it fails."""
        self._replica, self.used_replica = replica, True

    def rows(self, query: Query[RowT], **values: object) -> Coroutine[Any, Any, list[RowT]]:
        """Return all rows of the query."""
        collector = self._collector
        if collector is not None:
            return self._collected_rows(collector, query, values)
        if self._replica is not None:
            return self._replica_rows(self._replica, query, values)
        return self._rows(self._database, query, values)

    async def _collected_rows(
        self, collector: TagCollector, query: Query[RowT], values: Mapping[str, object]
    ) -> list[RowT]:
        # From the primary: a cached value must have the changes of which the process was notified.
        await collector(query.cache_tags(values))
        rows = await self._rows(self._database, query, values)
        if query.changes_at is not None:
            if rows:
                collector.expires(rows[0][query.changes_at])
            else:
                # Without a row the time of the next change is unknown.
                await collector(set())
        return rows

    async def _replica_rows(self, replica: Replica, query: Query[RowT], values: Mapping[str, object]) -> list[RowT]:
        try:
            async with replica.reading() as database:
                return await self._rows(database, query, values)
        except REPLICA_ERRORS:
            # The rest of the request reads from the primary, too.
            self._replica = None
        return await self._rows(self._database, query, values)

    async def _rows(self, database: Database, query: Query[RowT], values: Mapping[str, object]) -> list[RowT]:
        query = query.variant(is_distributed=database.is_distributed)
        viewer = self._viewer if query.rls_scoped else None
        if viewer is not None and (viewer.is_admin or database.is_distributed):
            # Policies do not restrict administrators. The role must be set before planning for estimates that fit. In a
            # distributed deployment, other servers get the context from the transaction only.
            async with database.transaction_of(viewer, read_only=True) as connection:
                return await query.run(connection, values, self.statistics)
        async with database.connection() as connection:
            if viewer is not None:
                return await query.run_for_viewer(viewer, connection, values, self.statistics)
            return await query.run(connection, values, self.statistics)

    async def generic_plans(self, statements: Sequence[str]) -> dict[str, str]:
        """Return the plans of statements by name, for any values of their parameters. Nothing is executed."""
        assert self._viewer is not None
        # The policies of the viewer are part of a plan.
        async with self._database.transaction_of(self._viewer, read_only=True) as connection:
            return await read_generic_plans(connection, statements, self.statistics)

    async def explain(self, statements: Iterable[str]) -> dict[str, str]:
        """Return the plans of statements by their SQL, for any values of their parameters. Nothing is executed."""
        database, viewer = self._database, self._viewer
        if viewer is None:
            transaction = database.transaction("begin read only")
        else:
            transaction = database.transaction_of(viewer, read_only=True)
        async with transaction as connection:
            return await explain_statements(connection, statements)

    async def log_access(self, entries: Command[Row], **values: object) -> None:
        """Insert audit entries about what the viewer is going to read, in a transaction before the read."""
        await self.logged_rows(entries, **values)

    async def logged_rows(self, command: Command[RowT], **values: object) -> list[RowT]:
        """Return the rows of a command that also inserts the audit entries about them, in one transaction."""
        if self._viewer is None:
            raise TypeError("Only the looks of a viewer are logged.")
        logged = {"viewer_id": self._viewer.id, "now": self.now, "request_id": self._request_id, **values}
        command = command.variant(is_distributed=self.is_distributed)
        async with self._database.transaction_of(self._viewer) as connection:
            return await command.run(connection, logged, self.statistics)

    async def row(self, query: Query[RowT], **values: object) -> RowT | None:
        """Return the first row, or None."""
        rows = await self.rows(query, **values)
        return rows[0] if rows else None

    async def page(self, paged_query: PagedQuery[RowT], arguments: PageArguments, **values: object) -> Page[RowT]:
        """Return one page with one statement, or two if no row follows the cursor.

        Raises BadUserInput for a cursor of another list.
        """
        parameters = page_parameters(paged_query.ordering, arguments)
        rows = await self.rows(paged_query.page(arguments), **values, **parameters)
        beyond = None if rows else paged_query.beyond(arguments)
        has_beyond = beyond is not None and bool(await self.rows(beyond, **values, **parameters))

        async def count() -> int:
            row = await self.row(paged_query.count, **values)
            return row.count if row else 0

        return Page.from_rows(rows, paged_query.ordering, arguments, count, has_beyond=has_beyond)


# Row-level security shows unpublished content to the role, and no rows of users to an unused id.
_EDITORS = Viewer(UserId(UUID(int=0)), Role.EDITOR)


class ViewerNotAllowed(Exception):
    """A public read session has no viewer."""


class PublicReadSession(ReadSession):
    """Reads public data without a viewer: row-level security shows its sessions public rows only.

    `includes_unpublished`: reads for all editors, with their role.
    """

    __slots__ = ("_includes_unpublished",)

    def __init__(
        self,
        database: Database,
        statistics: RequestStatistics,
        collector: TagCollector,
        *,
        includes_unpublished: bool,
    ) -> None:
        super().__init__(database, _EDITORS if includes_unpublished else None, statistics, collector)
        self._includes_unpublished = includes_unpublished

    @property
    def viewer(self) -> Viewer | None:
        """Raises ViewerNotAllowed: a result that depends on the viewer must not be shared."""
        raise ViewerNotAllowed

    @property
    def includes_unpublished(self) -> bool:
        return self._includes_unpublished
