"""Keyset pagination: a page is found by the sort key of the cursor's row, never by an offset."""

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

# The column of pages that start at a cursor: whether the list has rows on the other side of the cursor.
BEYOND = "beyond_cursor"


@dataclass(frozen=True)
class PageVariant:
    """The page arguments that change the SQL; all others are parameters. Statements are cached by it."""

    has_after: bool
    has_before: bool
    backward: bool

    @classmethod
    def from_arguments(cls, page: PageArguments) -> "PageVariant":
        return cls(page.after is not None, page.before is not None, page.backward)

    @property
    def starts_at_cursor(self) -> bool:
        """Whether the page is read from a cursor and not from an end of the list."""
        return self.has_before if self.backward else self.has_after


@dataclass(frozen=True)
class Ordering:
    """The sort key of a list. All columns have one direction, so that one index serves both; the last one is unique.

    The name is part of cursors: a cursor of another ordering is rejected.
    """

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def key_types(self) -> tuple[KeyType, ...]:
        return tuple(_KEY_TYPES[_base_type(column)] for column in self.columns)

    def keys(self, row: Row) -> list[CursorKey]:
        """Return the sort key of a row, which must have all columns of the ordering."""
        return [row[column.key or ""] for column in self.columns]

    def cursor(self, row: Row) -> str:
        return encode_cursor(self.name, self.keys(row))

    def order_by(self, columns: Iterable[ColumnElement[Any]], variant: PageVariant) -> list[ColumnElement[Any]]:
        """Return ORDER BY expressions in reading direction for the ordering's columns as a statement names them."""
        descending = self.descending is not variant.backward
        return [column.desc() if descending else column.asc() for column in columns]


def paginate(statement: Select[Any], ordering: Ordering, variant: PageVariant) -> Select[Any]:
    """Limit the statement to one page and one more row, by which `Page` detects further rows.

    Parameters: `limit`, and `after_N` and `before_N` for each column of the ordering if the variant has the cursor.
    """
    columns = tuple_(*ordering.columns)
    if variant.has_after:
        bound = _bound("after", ordering)
        statement = statement.where(columns < bound if ordering.descending else columns > bound)
    if variant.has_before:
        bound = _bound("before", ordering)
        statement = statement.where(columns > bound if ordering.descending else columns < bound)
    limit = bindparam("limit", type_=sql.Integer)
    return statement.order_by(*ordering.order_by(ordering.columns, variant)).limit(limit)


def beyond_cursor(statement: Select[Any], ordering: Ordering, variant: PageVariant) -> Select[Any]:
    """Select one row, true, if the statement has rows on the other side of the cursor at which the page starts.

    It reads the nearest row, which usually is the cursor's own, with the index of the page.
    """
    columns = tuple_(*ordering.columns)
    bound = _bound("before" if variant.backward else "after", ordering)
    descending = ordering.descending is not variant.backward
    return (
        statement.with_only_columns(true().label(BEYOND), maintain_column_froms=True)
        .where(columns >= bound if descending else columns <= bound)
        .order_by(*ordering.order_by(ordering.columns, replace(variant, backward=not variant.backward)))
        .limit(literal_column("1"))
    )


def page_parameters(ordering: Ordering, page: PageArguments) -> dict[str, object]:
    """Return the parameters of a statement of `paginate`.

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
