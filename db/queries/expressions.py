"""Pieces that statements of every noun are made of."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Text, bindparam, cast
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, UUID
from sqlalchemy.sql.expression import any_

from db.core.statement import Row
from db.tables.base import Timestamp

IDS = bindparam("ids", type_=ARRAY(UUID))
VIEWER_ID = bindparam("viewer_id", type_=UUID)
LEVELS = bindparam("levels", type_=ARRAY(Text))
NOW = bindparam("now", type_=Timestamp)


def row_columns(table: FromClause, row: type[Row]) -> list[ColumnElement[Any]]:
    """The table's columns that the row names, in the row's order. Columns that only some queries need are left out."""
    return [table.c[name] for name in row.__annotations__ if name in table.c]


def any_of(column: ColumnElement[Any], values: ColumnElement[Any]) -> ColumnElement[bool]:
    """`column = any(values)`: one statement whatever the number of values, unlike `in`."""
    return column == any_(values)


def matches_search(table: FromClause, parameter: str) -> ColumnElement[bool]:
    """Rows whose `search_terms` have what the parameter, a tsquery as text, looks for."""
    return table.c.search_terms.op("@@")(cast(bindparam(parameter, type_=Text), TSQUERY))


def not_deleted(table: FromClause) -> ColumnElement[bool]:
    """The one place that leaves out what is softly deleted."""
    return table.c.deleted_at.is_(None)
