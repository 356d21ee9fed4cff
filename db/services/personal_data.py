"""Reads everything that the database has about a learner, in constant memory."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from common.executors import COMPUTING, run_in
from db.core.connection import Connection
from db.core.database import Database
from db.core.statement import Query
from db.queries.exports import LineRow, build_export
from db.queries.personal_data import build_table_export, import_reports_of_viewer
from domain.enums import ExportFormat, ExportKind
from domain.exports import ExportRequest
from domain.imports.report import REPORT_HEADER, decompress_report
from domain.personal_data import exported_tables
from domain.viewer import Viewer

# Rows may have a whole chapter, or a few numbers: the next batch has as many as fit, by the size of the last one.
_BATCH_BYTES = 1_000_000
_FIRST_ROWS, _MAX_ROWS = 100, 10_000
# Of about 1,000 lines each.
_REPORT_ROWS = 20


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file in the export. Parts of a file follow each other; the last one is empty. `rows`: in the part."""

    name: str
    content: bytes
    rows: int


async def personal_data_parts(database: Database, viewer: Viewer) -> AsyncGenerator[FilePart, None]:
    """Yield cards and reviews with their words as CSV, each table of the registry as JSON and as CSV, and reports of
    imports.

    Holds a connection and a snapshot until it is closed. Row-level security applies.
    """
    async with database.transaction_of(viewer, snapshot=True) as connection:
        for kind in (ExportKind.CARDS, ExportKind.REVIEWS):
            request = ExportRequest(kind, ExportFormat.CSV)
            export = build_export(kind, ExportFormat.CSV)
            values = {"viewer_id": viewer.id, "since": request.since, "until": request.until}
            async for part in _csv(connection, request.file_name, export.header or "", export.lines, values):
                yield part
        values = {"viewer_id": viewer.id}
        for table in exported_tables():
            queries = build_table_export(table.name)
            async for part in _json(connection, f"tables/{table.name}.json", queries.json, values):
                yield part
            name = f"tables/{table.name}.csv"
            async for part in _csv(connection, name, queries.csv_header, queries.csv, values):
                yield part
        async for part in _reports(connection, values):
            yield part


async def _reports(connection: Connection, values: dict[str, object]) -> AsyncGenerator[FilePart, None]:
    """Yield a file for each import."""
    cursor = await connection.cursor(import_reports_of_viewer.sql, *import_reports_of_viewer.arguments(values))
    name = ""
    while found := await cursor.fetch(_REPORT_ROWS):
        for import_id, content in found:
            if name != (of_import := f"import-reports/{import_id}.csv"):
                if name:
                    yield FilePart(name, b"", 0)
                name = of_import
                yield FilePart(name, REPORT_HEADER.encode(), 0)
            yield FilePart(name, await run_in(COMPUTING, decompress_report, content), 0)
    if name:
        yield FilePart(name, b"", 0)


async def _csv(
    connection: Connection, name: str, header: str, query: Query[LineRow], values: dict[str, object]
) -> AsyncGenerator[FilePart, None]:
    yield FilePart(name, f"{header}\r\n".encode(), 0)
    async for lines in _batches(connection, query, values):
        yield FilePart(name, "".join([f"{line}\r\n" for line in lines]).encode(), len(lines))
    yield FilePart(name, b"", 0)


async def _json(
    connection: Connection, name: str, query: Query[LineRow], values: dict[str, object]
) -> AsyncGenerator[FilePart, None]:
    """Yield an array with one object per line."""
    start = "["
    async for lines in _batches(connection, query, values):
        yield FilePart(name, (start + "\n" + ",\n".join(lines)).encode(), len(lines))
        start = ","
    yield FilePart(name, b"[]\n" if start == "[" else b"\n]\n", 0)
    yield FilePart(name, b"", 0)


async def _batches(
    connection: Connection, query: Query[LineRow], values: dict[str, object]
) -> AsyncGenerator[list[str], None]:
    cursor = await connection.cursor(query.sql, *query.arguments(values))
    rows = _FIRST_ROWS
    while found := await cursor.fetch(rows):
        lines = [row[0] for row in found]
        yield lines
        size = max(1, sum(map(len, lines)) // len(lines))
        rows = max(1, min(_MAX_ROWS, _BATCH_BYTES // size))
