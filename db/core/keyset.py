"""Keyset pagination: a page is found by the values of its neighbour, never by counting rows to skip."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, true, tuple_
from sqlalchemy import types as sql
from sqlalchemy.dialects import postgresql

from db.core.statement import Row
from domain.pages import CursorKey, KeyType, PageArguments, decode_cursor, encode_cursor

_KEY_TYPES: dict[type[sql.TypeEngine[Any]], KeyType] = {
    sql.Text: KeyType(str),
    sql.SmallInteger: KeyType(int, bits=16),
    sql.Integer: KeyType(int, bits=32),
    sql.BigInteger: KeyType(int, bits=64),
    sql.Double: KeyType(float),
    sql.DateTime: KeyType(datetime),
    postgresql.UUID: KeyType(UUID),
}

# A column of pages that begin at a cursor: whether the list has rows on the cursor's other side.
BEYOND = "beyond_cursor"


@dataclass(frozen=True)
class PageVariant:
    """What of a page changes the SQL; everything else is a parameter. Hashable, so statements are cached by it."""

    has_after: bool
    has_before: bool
    backward: bool

    @classmethod
    def of(cls, page: PageArguments) -> "PageVariant":
        return cls(page.after is not None, page.before is not None, page.backward)

    @property
    def begins_at_cursor(self) -> bool:
        """Whether the page is read from a cursor on, and not from an end of the list."""
        return self.has_before if self.backward else self.has_after


@dataclass(frozen=True)
class Ordering:
    """Columns that sort a list, all in one direction, so that one index serves both. The last one is unique.

    The name stands in cursors: a cursor of one ordering is refused by another.
    """

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def key_types(self) -> tuple[KeyType, ...]:
        return tuple(_KEY_TYPES[_base_type(column)] for column in self.columns)

    def keys(self, row: Row) -> list[CursorKey]:
        """Where a row stands. The row has every column of the ordering."""
        return [row[column.key or ""] for column in self.columns]

    def cursor(self, row: Row) -> str:
        return encode_cursor(self.name, self.keys(row))

    def order_by_columns(self, columns: Iterable[ColumnElement[Any]], shape: PageVariant) -> list[ColumnElement[Any]]:
        """The ordering's columns, as a statement names them, in the direction in which a page is read."""
        descending = self.descending is not shape.backward
        return [column.desc() if descending else column.asc() for column in columns]


def paginate(statement: Select[Any], ordering: Ordering, shape: PageVariant) -> Select[Any]:
    """The statement limited to one page and the row after it, by which `Page` knows whether there are more.

    Parameters: `limit`, and `after_N`, `before_N` for each column of the ordering where the shape has them.
    """
    columns = tuple_(*ordering.columns)
    if shape.has_after:
        bound = _bound("after", ordering)
        statement = statement.where(columns < bound if ordering.descending else columns > bound)
    if shape.has_before:
        bound = _bound("before", ordering)
        statement = statement.where(columns > bound if ordering.descending else columns < bound)
    return statement.order_by(*ordering.order_by_columns(ordering.columns, shape)).limit(
        bindparam("limit", type_=sql.Integer)
    )


def beyond_cursor(statement: Select[Any], ordering: Ordering, shape: PageVariant) -> Select[Any]:
    """One row, true, where the statement has rows on the other side of the cursor at which the page begins.

    The nearest one is read, by the index that the page is read by: as a rule the row that the cursor was made of.
    """
    columns = tuple_(*ordering.columns)
    bound = _bound("before" if shape.backward else "after", ordering)
    descending = ordering.descending is not shape.backward
    return (
        statement.with_only_columns(true().label(BEYOND), maintain_column_froms=True)
        .where(columns >= bound if descending else columns <= bound)
        .order_by(*ordering.order_by_columns(ordering.columns, replace(shape, backward=not shape.backward)))
        .limit(literal_column("1"))
    )


def page_parameters(ordering: Ordering, page: PageArguments) -> dict[str, object]:
    """The parameters of a `paginate` statement.

    Raises BadUserInput for a cursor that is malformed or of another list.
    """
    values: dict[str, object] = {"limit": page.size + 1}
    for side, cursor in (("after", page.after), ("before", page.before)):
        if cursor is not None:
            keys: Sequence[CursorKey] = decode_cursor(cursor, ordering.name, ordering.key_types())
            values |= {f"{side}_{index}": key for index, key in enumerate(keys)}
    return values


def _bound(side: str, ordering: Ordering) -> ColumnElement[Any]:
    return tuple_(*(bindparam(f"{side}_{index}", type_=column.type) for index, column in enumerate(ordering.columns)))


def _base_type(column: ColumnElement[Any]) -> type[sql.TypeEngine[Any]]:
    return next(base for base in type(column.type).__mro__ if base in _KEY_TYPES)
