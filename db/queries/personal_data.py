"""Queries for the export of a learner's personal data: whole tables, whose rows are formatted lines."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, DateTime, FromClause, LargeBinary, Select, select
from sqlalchemy.dialects.postgresql import TSVECTOR

from db.core.statement import Query, Row
from db.queries.exports import LineRow, csv_lines, format_timestamp, json_lines
from db.queries.expressions import VIEWER_ID
from db.tables import metadata
from db.tables.base import TransactionId
from db.tables.imports import import_reports
from db.tables.views import learner_statistics, own_audit_entries
from domain.ids import ImportId
from domain.personal_data import PERSONAL_TABLES, PersonalTable

# The application reads these rows by views, which filter by the viewer.
_VIEWS = {"audit_log": own_audit_entries, "learner_statistics": learner_statistics}
_TABLES = {table.name: table for table in PERSONAL_TABLES}
# What the server computes for itself, and compressed reports of imports, which are files of their own.
_INTERNAL_TYPES = (TSVECTOR, TransactionId, LargeBinary)


@dataclass(frozen=True, slots=True)
class TableExport:
    """The lines of a table by format, and the header of the CSV. Parameter: viewer_id."""

    csv_header: str
    csv: Query[LineRow]
    json: Query[LineRow]


class ImportReportRow(Row):
    """A part of the report of an import, compressed."""

    __slots__ = ()
    import_id: ImportId
    content: bytes


# In the order of the imports and of their lines. Parameter: viewer_id.
import_reports_of_viewer = Query(
    select(import_reports.c.import_id, import_reports.c.content)
    .where(import_reports.c.user_id == VIEWER_ID)
    .order_by(import_reports.c.import_id, import_reports.c.position),
    ImportReportRow,
    rls_scoped=True,
)


@cache
def build_table_export(name: str) -> TableExport:
    """Return the queries of an exported table of the registry, which name the columns as the database does."""
    table = _source(name)
    statement = select(*_columns(table))
    if table is metadata.tables.get(name):
        statement = statement.where(_is_own(_TABLES[name])).order_by(*table.primary_key)
    exported = statement.subquery("exported")
    return TableExport(
        csv_header=",".join(exported.c.keys()),
        csv=Query(csv_lines(exported), LineRow, rls_scoped=True),
        json=Query(json_lines(exported), LineRow, rls_scoped=True),
    )


def _source(name: str) -> FromClause:
    view = _VIEWS.get(name)
    return metadata.tables[name] if view is None else view


def _columns(table: FromClause) -> Iterator[ColumnElement[Any]]:
    for column in table.c:
        if isinstance(column.type, _INTERNAL_TYPES):
            continue
        if isinstance(column.type, DateTime):
            yield format_timestamp(column).label(column.name)
        else:
            yield column


def _is_own(table: PersonalTable) -> ColumnElement[bool]:
    column = metadata.tables[table.name].c[table.owner]
    if table.parent is None:
        return column == VIEWER_ID
    parent = metadata.tables[table.parent]
    owners: Select[Any] = select(parent.c.id).where(_is_own(_TABLES[table.parent]))
    return column.in_(owners)
