"""Lists that are read by pages, of one viewer or nested below many parents."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Sequence, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.expression import any_

from db.core.cache_tags import TagFactory
from db.core.caller_name import caller_name
from db.core.keyset import BEYOND, Ordering, PageVariant, beyond_cursor, paginate
from db.core.statement import Query, Row, RowT
from domain.pages import PageArguments


class CountRow(Row):
    """The number of rows of a list."""

    __slots__ = ()
    count: int


class BeyondRow(Row):
    """Says that the list has rows on the other side of a cursor."""

    __slots__ = ()
    beyond_cursor: bool


OtherRowT = TypeVar("OtherRowT", bound=Row)


@dataclass(frozen=True)
class Page(Generic[RowT]):
    """One page of a list. `count` executes the statement that counts the whole list."""

    rows: Sequence[RowT]
    ordering: Ordering
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]

    @classmethod
    def from_rows(
        cls,
        rows: Sequence[RowT],
        ordering: Ordering,
        arguments: PageArguments,
        count: Callable[[], Awaitable[int]],
        *,
        has_beyond: bool = False,
    ) -> "Page[RowT]":
        """Build a page from the rows of a paginated statement, which has one row more than the page if others follow.

        If the page starts at a cursor, its first row says whether rows precede the cursor. All other columns of that
        row may be null: then the page is empty. `has_beyond`: the same information if there is no row.
        """
        if PageVariant.from_arguments(arguments).starts_at_cursor and rows:
            has_beyond = bool(rows[0][BEYOND])
            if rows[0].get(ordering.columns[-1].key or "") is None:
                rows = ()
        has_more = len(rows) > arguments.size
        rows = rows[: arguments.size]
        if arguments.backward:
            return cls(rows[::-1], ordering, has_beyond, has_more, count)
        return cls(rows, ordering, has_more, has_beyond, count)


class _PagedQueryBase(ABC, Generic[RowT]):
    """The queries of a list, compiled once for each variant of its pages."""

    def __init__(self, ordering: Ordering) -> None:
        self.ordering = ordering
        # For metrics, like that of a statement.
        self.name = caller_name()
        self._queries: dict[PageVariant, Query[RowT]] = {}

    def page(self, arguments: PageArguments) -> Query[RowT]:
        """Return the query of a page. Its parameters: `page_parameters` and those of the list."""
        variant = PageVariant.from_arguments(arguments)
        query = self._queries.get(variant)
        if query is None:
            query = self._queries[variant] = self._compile(variant)
            query.name = self.name
        return query

    @abstractmethod
    def _compile(self, variant: PageVariant) -> Query[RowT]: ...


class PagedQuery(_PagedQueryBase[RowT]):
    """A list with an ordering, and the number of its rows.

    `deferred`: columns that few operations select, such as timestamps, which take longest to decode. `with_columns`
    omits them.
    """

    def __init__(
        self,
        statement: Select[Any],
        ordering: Ordering,
        row: type[RowT],
        *,
        rls_scoped: bool,
        cache_tags: Sequence[TagFactory] = (),
        deferred: Collection[str] = (),
    ) -> None:
        super().__init__(ordering)
        self._statement = statement
        self._deferred = frozenset(deferred).difference(column.key or "" for column in ordering.columns)
        self._without_deferred: PagedQuery[RowT] | None = None
        self._row = row
        self._rls_scoped = rls_scoped
        self._cache_tags = cache_tags
        self._beyond_queries: dict[PageVariant, Query[BeyondRow]] = {}
        self.count = self._query(
            select(func.count().label("count")).select_from(statement.order_by(None).subquery()), CountRow
        )

    def with_columns(self, columns: Set[str] | None) -> "PagedQuery[RowT]":
        """Return the list whose rows have these columns at least; None for all."""
        if columns is None or not self._deferred.isdisjoint(columns):
            return self
        if self._without_deferred is None:
            selected = [column for column in self._statement.selected_columns if column.key not in self._deferred]
            statement = self._statement.with_only_columns(*selected, maintain_column_froms=True)
            self._without_deferred = PagedQuery(
                statement, self.ordering, self._row, rls_scoped=self._rls_scoped, cache_tags=self._cache_tags
            )
            self._without_deferred.name = self.name
        return self._without_deferred

    def _compile(self, variant: PageVariant) -> Query[RowT]:
        statement = self._statement
        if variant.starts_at_cursor:
            statement = statement.add_columns(self._beyond(variant).scalar_subquery().label(BEYOND))
        return self._query(paginate(statement, self.ordering, variant), self._row)

    def beyond(self, arguments: PageArguments) -> Query[BeyondRow] | None:
        """Return the query for whether rows precede the cursor of a page without rows; None without a cursor.

        Its parameters are those of the page.
        """
        variant = PageVariant.from_arguments(arguments)
        if not variant.starts_at_cursor:
            return None
        query = self._beyond_queries.get(variant)
        if query is None:
            query = self._beyond_queries[variant] = self._query(self._beyond(variant), BeyondRow)
        return query

    def _beyond(self, variant: PageVariant) -> Select[Any]:
        return beyond_cursor(self._statement, self.ordering, variant)

    def _query(self, statement: Select[Any], row: type[OtherRowT]) -> Query[OtherRowT]:
        return Query(statement, row, rls_scoped=self._rls_scoped, cache_tags=self._cache_tags)


class NestedPagedQuery(_PagedQueryBase[RowT]):
    """A list below each of many parents; one statement reads a page of each.

    `statement` selects the lists of all parents and `parent` is the column with the parent's id. Rows have a column
    `parent_id` and the order of the page within each parent. Parameter: `parents`, the ids.
    """

    def __init__(
        self,
        statement: Select[Any],
        parent: Any,
        ordering: Ordering,
        row: type[RowT],
        *,
        rls_scoped: bool = False,
        cache_tags: Sequence[TagFactory] = (),
    ) -> None:
        super().__init__(ordering)
        self._rls_scoped = rls_scoped
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
            rls_scoped=rls_scoped,
            cache_tags=cache_tags,
        )

    def _compile(self, variant: PageVariant) -> Query[RowT]:
        parents = func.unnest(_PARENTS).table_valued("parent_id", name="parents").render_derived()
        below = self._statement.where(self._parent == parents.c.parent_id)
        children = paginate(below, self.ordering, variant).lateral()
        sort_keys = (children.c[column.key or ""] for column in self.ordering.columns)
        columns: list[ColumnElement[Any]] = [parents.c.parent_id, *children.c]
        source = parents.join(children, true())
        if variant.starts_at_cursor:
            # A join evaluates it once per parent, a column once per row.
            beyond = beyond_cursor(below, self.ordering, variant).lateral()
            columns.append(beyond.c[BEYOND])
            source = parents.outerjoin(beyond, true()).outerjoin(children, true())
        statement = select(*columns).select_from(source).order_by(*self.ordering.order_by(sort_keys, variant))
        return Query(statement, self._row, rls_scoped=self._rls_scoped, cache_tags=self._cache_tags)


_PARENTS = bindparam("parents", type_=ARRAY(UUID))
