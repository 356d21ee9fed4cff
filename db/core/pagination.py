"""Lists that are read page by page, for one viewer or below many parents at once."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.expression import any_

from db.core.keyset import BEYOND, Ordering, PageVariant, beyond_cursor, paginate
from db.core.statement import Query, Row, RowT
from db.notify.cache_tags import TagFactory
from domain.pages import PageArguments


class CountRow(Row):
    """One number."""

    __slots__ = ()
    count: int


class BeyondRow(Row):
    """The list has rows on the other side of a cursor."""

    __slots__ = ()
    beyond_cursor: bool


OtherRowT = TypeVar("OtherRowT", bound=Row)


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """One page of a list. `count` runs the statement that counts the whole list."""

    rows: Sequence[RowT]
    ordering: Ordering
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]

    @classmethod
    def of(
        cls,
        rows: Sequence[RowT],
        ordering: Ordering,
        arguments: PageArguments,
        count: Callable[[], Awaitable[int]],
        *,
        has_beyond: bool = False,
    ) -> "Page[RowT]":
        """A page from the rows of a listing's statement: one more than asked for where the list goes on.

        Where it begins at a cursor, the first row says whether there is something beyond it. That row may have nothing
        else in it: then the page is empty. `has_beyond`: the same where there is no row.
        """
        if PageVariant.of(arguments).begins_at_cursor and rows:
            has_beyond = bool(rows[0][BEYOND])
            if rows[0].get(ordering.columns[-1].key) is None:
                rows = ()
        goes_on = len(rows) > arguments.size
        rows = rows[: arguments.size]
        if arguments.backward:
            return cls(rows[::-1], ordering, has_beyond, goes_on, count)
        return cls(rows, ordering, goes_on, has_beyond, count)


class _PagedQueryBase(ABC, Generic[RowT]):
    """The statements of a list, compiled once for each shape of page."""

    def __init__(self, ordering: Ordering) -> None:
        self.ordering = ordering
        self._queries: dict[PageVariant, Query[RowT]] = {}

    def page(self, arguments: PageArguments) -> Query[RowT]:
        """The statement of such a page. Its parameters: `page_parameters`, and those of the list."""
        shape = PageVariant.of(arguments)
        query = self._queries.get(shape)
        if query is None:
            query = self._queries[shape] = self._compiled(shape)
        return query

    @abstractmethod
    def _compiled(self, shape: PageVariant) -> Query[RowT]: ...


class PagedQuery(_PagedQueryBase[RowT]):
    """A list in an ordering. `tags`: of its queries."""

    def __init__(
        self,
        statement: Select[Any],
        ordering: Ordering,
        row: type[RowT],
        *,
        rls_scoped: bool,
        cache_tags: Sequence[TagFactory] = (),
    ) -> None:
        super().__init__(ordering)
        self._statement = statement
        self._row = row
        self._rls_scoped = rls_scoped
        self._cache_tags = cache_tags
        self._beyond_queries: dict[PageVariant, Query[BeyondRow]] = {}
        self.count = self._query(
            select(func.count().label("count")).select_from(statement.order_by(None).subquery()), CountRow
        )

    def _compiled(self, shape: PageVariant) -> Query[RowT]:
        statement = self._statement
        if shape.begins_at_cursor:
            statement = statement.add_columns(self._beyond(shape).scalar_subquery().label(BEYOND))
        return self._query(paginate(statement, self.ordering, shape), self._row)

    def beyond(self, arguments: PageArguments) -> Query[BeyondRow] | None:
        """For a page without rows: what its rows would say. Its parameters are those of the page.

        None for a page that does not begin at a cursor.
        """
        shape = PageVariant.of(arguments)
        if not shape.begins_at_cursor:
            return None
        query = self._beyond_queries.get(shape)
        if query is None:
            query = self._beyond_queries[shape] = self._query(self._beyond(shape), BeyondRow)
        return query

    def _beyond(self, shape: PageVariant) -> Select[Any]:
        return beyond_cursor(self._statement, self.ordering, shape)

    def _query(self, statement: Select[Any], row: type[OtherRowT]) -> Query[OtherRowT]:
        return Query(statement, row, rls_scoped=self._rls_scoped, cache_tags=self._cache_tags)


class NestedPagedQuery(_PagedQueryBase[RowT]):
    """The same list below each of many parents, a page of each, in one statement.

    Rows carry `parent_id` and stand in the order of the page below each parent. `statement` selects the list of the
    parent whose id is in the column that is given; `parents` are the ids. `tags`: of its queries.
    """

    def __init__(
        self,
        statement: Select[Any],
        parent: Any,
        ordering: Ordering,
        row: type[RowT],
        *,
        cache_tags: Sequence[TagFactory] = (),
    ) -> None:
        super().__init__(ordering)
        self._cache_tags = cache_tags
        self._statement = statement
        self._parent = parent
        self._row = row
        self.counts = Query(
            select(parent.label("parent_id"), func.count().label("count"))
            .select_from(*statement.get_final_froms())
            .where(parent == any_(_PARENTS))
            .group_by(parent),
            CountRow,
            rls_scoped=False,
            cache_tags=cache_tags,
        )

    def _compiled(self, shape: PageVariant) -> Query[RowT]:
        parents = func.unnest(_PARENTS).table_valued("parent_id", name="parents").render_derived()
        below = self._statement.where(self._parent == parents.c.parent_id)
        children = paginate(below, self.ordering, shape).lateral()
        sort_keys = (children.c[column.key or ""] for column in self.ordering.columns)
        columns: list[ColumnElement[Any]] = [parents.c.parent_id, *children.c]
        source = parents.join(children, true())
        if shape.begins_at_cursor:
            # Joined, and so looked for once for each parent and not for each row.
            beyond = beyond_cursor(below, self.ordering, shape).lateral()
            columns.append(beyond.c[BEYOND])
            source = parents.outerjoin(beyond, true()).outerjoin(children, true())
        statement = select(*columns).select_from(source).order_by(*self.ordering.order_by_columns(sort_keys, shape))
        return Query(statement, self._row, rls_scoped=False, cache_tags=self._cache_tags)


_PARENTS = bindparam("parents", type_=ARRAY(UUID))
