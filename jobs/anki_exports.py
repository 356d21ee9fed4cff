"""Exports cards and reviews to a package of Anki."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from common.executors import FILES, run_in
from content.anki.writer import PackageWriter
from db.queries.anki_exports import AnkiCardRow, AnkiLogRow
from db.queries.users import settings_by_user_id
from db.services.anki_exports import anki_export_batches
from domain.exports import ExportRequest
from domain.jobs import OutOfSpace
from jobs.attempts import Attempt
from jobs.export_files import ExportWriter, translate_errors

# Interval of progress reports.
_PROGRESS_INTERVAL_SECONDS = 1.0
_CHUNK = 1024 * 1024


async def write_package(attempt: Attempt, request: ExportRequest, file: ExportWriter) -> tuple[int, int]:
    """Write a package to `file`. Returns its numbers of cards and of bytes. Raises JobFailed."""
    [settings] = await attempt.reads().rows(settings_by_user_id, viewer_id=attempt.viewer.id, ids=[attempt.viewer.id])
    with tempfile.TemporaryDirectory(prefix="shinjp-export-") as directory:
        collection, package = Path(directory) / "collection", Path(directory) / "package"
        writer = await run_in(FILES, PackageWriter, collection, settings.scheduling, datetime.now(UTC))
        try:
            cards = await _fill(attempt, request, writer)
            size = await run_in(FILES, _finish, writer, package, file)
        finally:
            await run_in(FILES, writer.close)
    return cards, size


async def _fill(attempt: Attempt, request: ExportRequest, writer: PackageWriter) -> int:
    cards = reviews = 0
    reported_at = time.monotonic()
    async with aclosing(anki_export_batches(attempt.database, attempt.viewer, request)) as batches:
        async for rows in batches:
            await run_in(FILES, _add, writer, rows)
            if isinstance(rows[0], AnkiCardRow):
                cards += len(rows)
            else:
                reviews += len(rows)
            if time.monotonic() - reported_at >= _PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                await attempt.advance(f"{cards:,} cards, {reviews:,} reviews.", done=0, of=1)
    return cards


def _add(writer: PackageWriter, rows: list[AnkiCardRow] | list[AnkiLogRow]) -> None:
    with _translate_errors():
        for row in rows:
            if isinstance(row, AnkiCardRow):
                writer.add_card(row)
            else:
                writer.add_log_entry(row)


def _finish(writer: PackageWriter, package: Path, file: ExportWriter) -> int:
    with _translate_errors():
        size = writer.pack(package)
        with package.open("rb") as packed:
            while chunk := packed.read(_CHUNK):
                file.write(chunk)
    return size


@contextmanager
def _translate_errors() -> Iterator[None]:
    with translate_errors():
        try:
            yield
        except sqlite3.OperationalError as error:
            if "full" in str(error):
                raise OutOfSpace from error
            raise
