"""The job that writes a file to download."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from common.executors import FILES, run_in
from db.queries.jobs import export_usage
from db.services.export_streams import export_batches
from domain.exports import FILE_LIFETIME, ExportRequest
from jobs.attempts import Attempt
from jobs.export_files import ExportFiles, NewFile

# How often the owner hears of progress.
_TELL_EVERY_SECONDS = 1.0


async def write_export(attempt: Attempt, files: ExportFiles) -> Mapping[str, object]:
    """Raises JobFailed, and AttemptSuperseded. A file is there whole or not at all."""
    request = ExportRequest.from_input(attempt.input)
    request.check_allowed(attempt.viewer)
    path = files.path(attempt.job.id)
    now = datetime.now(UTC)
    usage = await attempt.reads().row(export_usage, viewer_id=attempt.viewer.id, since=now - FILE_LIFETIME)
    left = files.quota.max_bytes_per_user - (usage.size if usage else 0)
    file = await run_in(FILES, NewFile, files, path, path.with_suffix(f".{attempt.job.attempt_id}"), left)
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


async def _write(attempt: Attempt, request: ExportRequest, file: NewFile) -> tuple[int, int]:
    """Rows, and bytes before they are compressed."""
    rows = size = 0
    told_at = 0.0
    async with aclosing(export_batches(attempt.database, attempt.viewer, request, counts=True)) as batches:
        async for batch in batches:
            content = batch.text.encode()
            await run_in(FILES, file.write, content)
            rows, size = batch.rows, size + len(content)
            if time.monotonic() - told_at >= _TELL_EVERY_SECONDS:
                told_at = time.monotonic()
                await attempt.advance(f"{rows:,} of {batch.of:,} rows.", done=rows, of=batch.of)
    return rows, size
