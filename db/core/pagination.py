"""Lists that are read by pages, of one viewer or nested below many parents."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence, Set
from copy import copy
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

# Of a list, the newest ones: a selection takes a millisecond to compile, and memory.
_MAX_SELECTIONS = 32


# The column of rows with the number of rows of the whole list, which `with_columns` adds.
TOTAL = "list_total"


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
    """One page of a list. `count` executes the statement that counts the whole list, unless `total` is known."""

    rows: Sequence[RowT]
    ordering: Ordering
    has_next: bool
    has_previous: bool
    count: Callable[[], Awaitable[int]]
    total: int | None = None

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
        total = rows[0].get(TOTAL) if rows else None
        has_more = len(rows) > arguments.size
        rows = rows[: arguments.size]
        if arguments.backward:
            return cls(rows[::-1], ordering, has_beyond, has_more, count, total)
        return cls(rows, ordering, has_more, has_beyond, count, total)


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

    `large`: columns that only `with_columns` selects. `personal`: such columns that depend on the viewer; without them,
    the rows may be public.
    """

    def __init__(
        self,
        statement: Select[Any],
        ordering: Ordering,
        row: type[RowT],
        *,
        rls_scoped: bool,
        cache_tags: Sequence[TagFactory] = (),
        large: Sequence[ColumnElement[Any]] = (),
        personal: Sequence[ColumnElement[Any]] = (),
    ) -> None:
        super().__init__(ordering)
        self._statement = statement
        self._large = large
        self._personal = personal
        self._by_columns: dict[Set[str], PagedQuery[RowT]] = {}
        self._row = row
        self._rls_scoped = rls_scoped
        self._cache_tags = cache_tags
        self._beyond_queries: dict[PageVariant, Query[BeyondRow]] = {}
        self.count = self._query(_count(statement), CountRow)

    def with_columns(self, columns: Set[str] | None) -> "PagedQuery[RowT]":
        """Return the list whose rows have these columns, `id` and those of the ordering; all but large ones for None.

        With `TOTAL`, the statement of a page also counts the list. Names of no column are ignored.
        """
        if columns is None:
            return self
        found = self._by_columns.get(columns)
        if found is None:
            if len(self._by_columns) == _MAX_SELECTIONS:
                del self._by_columns[next(iter(self._by_columns))]
            found = self._by_columns[columns] = self._select(columns)
        return found

    def _select(self, columns: Set[str]) -> "PagedQuery[RowT]":
        kept = {"id", *columns, *(column.key for column in self.ordering.columns)}
        selected = [column for column in (*self._statement.selected_columns, *self._large) if column.key in kept]
        personal = [column for column in self._personal if column.key in kept]
        selected += personal
        if TOTAL in columns:
            # Evaluated once, and not for each row: it does not depend on them.
            selected.append(_count(self._statement).scalar_subquery().label(TOTAL))
        found = copy(self)
        found._statement = self._statement.with_only_columns(*selected, maintain_column_froms=True)
        found._queries, found._by_columns = {}, {}
        if personal:
            found._rls_scoped, found._cache_tags = True, ()
        return found

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


def _count(statement: Select[Any]) -> Select[Any]:
    return select(func.count().label("count")).select_from(statement.order_by(None).subquery())


class NestedPagedQuery(_PagedQueryBase[RowT]):
    """A list below each of many parents; one statement reads a page of each.

    `statement` selects the lists of all parents and `parent` is the column with the parent's id. Rows have a column
    `parent_id` and the order of the page within each parent. Parameter: `parents`, the ids.

    `owner`: the column with the id of the viewer, in lists of the viewer's rows. Other parameter then: viewer_id.
    """

    def __init__(
        self,
        statement: Select[Any],
        parent: Any,
        ordering: Ordering,
        row: type[RowT],
        *,
        owner: Any = None,
        rls_scoped: bool = False,
        cache_tags: Sequence[TagFactory] = (),
    ) -> None:
        super().__init__(ordering)
        self.is_own = owner is not None
        is_own = () if owner is None else (owner == _VIEWER_ID,)
        self._rls_scoped = rls_scoped
        self._cache_tags = cache_tags
        self._statement = statement.where(*is_own)
        self._parent = parent
        self._row = row
        self.counts = Query(
            select(parent.label("parent_id"), func.count().label("count"))
            .select_from(*statement.get_final_froms())
            .where(*is_own, parent == any_(_PARENTS))
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


_PARENTS, _VIEWER_ID = bindparam("parents", type_=ARRAY(UUID)), bindparam("viewer_id", type_=UUID)
