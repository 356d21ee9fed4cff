"""Lists that are read page by page, for one viewer or below many parents at once."""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import Select, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.sql.expression import any_

from db.keyset import Ordering, PageShape, paginated
from db.query import Query, Row, RowT
from db.tags import Tagging
from domain.pages import PageArguments


class CountRow(Row):
    """One number."""

    __slots__ = ()
    count: int


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
        cls, rows: Sequence[RowT], ordering: Ordering, arguments: PageArguments, count: Callable[[], Awaitable[int]]
    ) -> "Page[RowT]":
        """A page from a `paginated` statement's rows: one more than asked for where the list goes on."""
        goes_on = len(rows) > arguments.size
        rows = rows[: arguments.size]
        if arguments.backward:
            return cls(rows[::-1], ordering, arguments.before is not None, goes_on, count)
        return cls(rows, ordering, goes_on, arguments.after is not None, count)


class _Pages(ABC, Generic[RowT]):
    """The statements of a list, compiled once for each shape of page."""

    def __init__(self, ordering: Ordering) -> None:
        self.ordering = ordering
        self._queries: dict[PageShape, Query[RowT]] = {}

    def page(self, arguments: PageArguments) -> Query[RowT]:
        """The statement of such a page. Its parameters: `page_values`, and those of the list."""
        shape = PageShape.of(arguments)
        query = self._queries.get(shape)
        if query is None:
            query = self._queries[shape] = self._compiled(shape)
        return query

    @abstractmethod
    def _compiled(self, shape: PageShape) -> Query[RowT]: ...


class Listing(_Pages[RowT]):
    """A list in an ordering. `tags`: of its queries."""

    def __init__(
        self,
        statement: Select[Any],
        ordering: Ordering,
        row: type[RowT],
        *,
        personal: bool,
        tags: Sequence[Tagging] = (),
    ) -> None:
        super().__init__(ordering)
        self._statement = statement
        self._row = row
        self._personal = personal
        self._tags = tags
        self.count = Query(
            select(func.count().label("count")).select_from(statement.order_by(None).subquery()),
            CountRow,
            personal=personal,
            tags=tags,
        )

    def _compiled(self, shape: PageShape) -> Query[RowT]:
        statement = paginated(self._statement, self.ordering, shape)
        return Query(statement, self._row, personal=self._personal, tags=self._tags)


class NestedListing(_Pages[RowT]):
    """The same list below each of many parents, a page of each, in one statement.

    Rows carry `parent_id` and stand in the order of the page below each parent. `statement` selects the list of the
    parent whose id is in the column that is given; `parents` are the ids. `tags`: of its queries.
    """

    def __init__(
        self, statement: Select[Any], parent: Any, ordering: Ordering, row: type[RowT], *, tags: Sequence[Tagging] = ()
    ) -> None:
        super().__init__(ordering)
        self._tags = tags
        self._statement = statement
        self._parent = parent
        self._row = row
        self.counts = Query(
            select(parent.label("parent_id"), func.count().label("count"))
            .select_from(*statement.get_final_froms())
            .where(parent == any_(_PARENTS))
            .group_by(parent),
            CountRow,
            personal=False,
            tags=tags,
        )

    def _compiled(self, shape: PageShape) -> Query[RowT]:
        parents = func.unnest(_PARENTS).table_valued("parent_id", name="parents").render_derived()
        children = paginated(self._statement.where(self._parent == parents.c.parent_id), self.ordering, shape).lateral()
        sort_keys = (children.c[column.key or ""] for column in self.ordering.columns)
        statement = (
            select(parents.c.parent_id, *children.c)
            .select_from(parents.join(children, true()))
            .order_by(*self.ordering.sorting(sort_keys, shape))
        )
        return Query(statement, self._row, personal=False, tags=self._tags)


_PARENTS = bindparam("parents", type_=ARRAY(UUID))
