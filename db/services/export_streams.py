"""Streams exports in constant memory: a server-side cursor reads one snapshot in batches."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from db.core.database import Database
from db.queries.exports import build_export
from domain.enums import ExportFormat
from domain.exports import ExportRequest
from domain.viewer import Viewer

# One or two megabytes of text.
_BATCH_ROWS = 10_000
BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines of the file, the number of rows so far and the total. An empty file has one batch."""

    text: str
    rows: int
    of: int


async def export_batches(
    database: Database, viewer: Viewer, request: ExportRequest, *, byte_order_mark: bool = False, counts: bool = False
) -> AsyncGenerator[Batch, None]:
    """Yield the whole file in one or more batches. `counts`: whether to count the rows first, with another statement.

    Holds a connection and a snapshot until it is closed. Row-level security applies.
    """
    export = build_export(request.kind, request.format)
    values = {"viewer_id": viewer.id, "since": request.since, "until": request.until}
    end = "\r\n" if request.format is ExportFormat.CSV else "\n"
    async with database.transaction_of(viewer, snapshot=True) as connection:
        total = await connection.fetchval(export.count.sql, *export.count.arguments(values)) if counts else 0
        start = BYTE_ORDER_MARK if byte_order_mark else ""
        if export.header is not None:
            start += export.header + end
        cursor = await connection.cursor(export.lines.sql, *export.lines.arguments(values))
        rows = 0
        while found := await cursor.fetch(_BATCH_ROWS):
            rows += len(found)
            yield Batch(start + "".join([row[0] + end for row in found]), rows, total)
            start = ""
        if not rows:
            yield Batch(start, 0, total)
