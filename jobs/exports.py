"""The job that exports data to a file."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from common.executors import FILES, run_in
from db.queries.jobs import export_usage
from db.services.export_streams import export_batches
from domain.exports import FILE_LIFETIME, ExportRequest
from jobs.attempts import Attempt
from jobs.export_files import ExportFiles, ExportWriter

# Interval of progress reports.
_PROGRESS_INTERVAL_SECONDS = 1.0


async def write_export(attempt: Attempt, files: ExportFiles) -> Mapping[str, object]:
    """Raises JobFailed and AttemptSuperseded. The file is created completely or not at all."""
    request = ExportRequest.from_input(attempt.input)
    request.check_allowed(attempt.viewer)
    path = files.path(attempt.job.id)
    now = datetime.now(UTC)
    usage = await attempt.reads().row(export_usage, viewer_id=attempt.viewer.id, since=now - FILE_LIFETIME)
    left = files.quota.max_bytes_per_user - (usage.size if usage else 0)
    file = await run_in(FILES, ExportWriter, files, path, path.with_suffix(f".{attempt.job.attempt_id}"), left)
    try:
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
            if time.monotonic() - reported_at >= _PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                await attempt.advance(f"{rows:,} of {batch.of:,} rows.", done=rows, of=batch.of)
    return rows, size
