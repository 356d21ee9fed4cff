"""Rows of the viewer, for queries that join them with content.

A distributed database has rows of learners and content on different servers: it reads these rows first, and sends them
to the coordinator. A single server reads them as a part of the query, with the indexes of their tables.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Table, select

from db.core.statement import READ_FIRST
from db.queries.expressions import VIEWER_ID


def own_rows(name: str, table: Table, *columns: ColumnElement[Any], where: Sequence[ColumnElement[bool]] = ()) -> CTE:
    """Return these columns of the viewer's rows of a table that meet the conditions. Parameter: viewer_id."""
    own = select(*columns).where(table.c.user_id == VIEWER_ID, *where)
    return own.cte(name).prefix_with(READ_FIRST)
