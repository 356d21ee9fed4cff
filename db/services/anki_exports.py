"""Streams the rows of a package of Anki from one snapshot, in batches."""

from collections.abc import AsyncGenerator, Mapping

from db.core.connection import Connection
from db.core.database import Database
from db.core.statement import Query, RowT
from db.queries.anki_exports import AnkiCardRow, AnkiLogRow, anki_cards, anki_log
from domain.exports import ExportRequest
from domain.viewer import Viewer

# Two or three megabytes.
_BATCH_ROWS = 5_000


async def anki_export_batches(
    database: Database, viewer: Viewer, request: ExportRequest
) -> AsyncGenerator[list[AnkiCardRow] | list[AnkiLogRow], None]:
    """Yield all cards, then the log of all cards. Two statements.

    Holds a connection and a snapshot until it is closed. Row-level security applies.
    """
    values = {"viewer_id": viewer.id, "since": request.since, "until": request.until}
    async with database.transaction_of(viewer, snapshot=True) as connection:
        async for cards in _batches(connection, anki_cards, values):
            yield cards
        async for log in _batches(connection, anki_log, values):
            yield log


async def _batches(
    connection: Connection, query: Query[RowT], values: Mapping[str, object]
) -> AsyncGenerator[list[RowT], None]:
    cursor = await connection.cursor(query.sql, *query.arguments(values), record_class=query.row)
    while rows := await cursor.fetch(_BATCH_ROWS):
        yield rows
