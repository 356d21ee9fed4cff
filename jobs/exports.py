"""The job that exports data to a file."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from common.executors import FILES, run_in
from db.services.export_streams import export_batches
from domain.enums import ExportFormat
from domain.exports import ARCHIVE_KIND, FILE_LIFETIME, ExportRequest
from jobs.anki_exports import write_package
from jobs.attempts import Attempt
from jobs.export_files import ExportFiles, ExportWriter, rows_key
from jobs.personal_data import PROGRESS_INTERVAL_SECONDS, bytes_left, write_archive


async def write_export(attempt: Attempt, files: ExportFiles) -> Mapping[str, object]:
    """Raises JobFailed and AttemptSuperseded. The file is created completely or not at all."""
    if attempt.input["kind"] == ARCHIVE_KIND:
        return await write_archive(attempt, files)
    request = ExportRequest.from_input(attempt.input)
    request.check_allowed(attempt.viewer)
    file = await run_in(FILES, ExportWriter, files, rows_key(attempt.job.id), await bytes_left(attempt, files))
    try:
        if request.format is ExportFormat.APKG:
            rows, size = await write_package(attempt, request, file)
        else:
            rows, size = await _write(attempt, request, file)
        stored = await run_in(FILES, file.finish)
    finally:
        await run_in(FILES, file.discard)
    return {
        "format": request.format.value,
        "fileName": request.file_name,
        "rowCount": rows,
        "sizeBytes": size,
        "storedBytes": stored,
        "expiresAt": (datetime.now(UTC) + FILE_LIFETIME).isoformat(),
    }


async def _write(attempt: Attempt, request: ExportRequest, file: ExportWriter) -> tuple[int, int]:
    """The number of rows and of uncompressed bytes."""
    rows = size = 0
    reported_at = 0.0
    async with aclosing(export_batches(attempt.database, attempt.viewer, request, counts=True)) as batches:
        async for batch in batches:
            content = batch.text.encode()
            await run_in(FILES, file.write, content)
            rows, size = batch.rows, size + len(content)
            if time.monotonic() - reported_at >= PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                await attempt.advance(f"{rows:,} of {batch.of:,} rows.", done=rows, of=batch.of)
    return rows, size
