"""The job that writes a file to download."""

import gzip
import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog

from db.exports import export_batches
from domain.executors import FILES, run_in
from domain.exports import FILE_LIFETIME, ExportRequest
from domain.jobs import JobFailed
from jobs.attempts import Attempt

log = structlog.get_logger()

# How often the owner hears of progress.
_TELL_EVERY_SECONDS = 1.0
# A fifth of the size for a fifth of the time of the best.
_COMPRESSION = 4


def export_path(directory: Path, job_id: UUID) -> Path:
    """Where the file of a job stands, compressed."""
    return directory / f"{job_id}.gz"


async def write_export(attempt: Attempt, directory: Path) -> Mapping[str, object]:
    """Raises JobFailed, and AttemptSuperseded. A file is there whole or not at all."""
    request = ExportRequest.of_input(attempt.input)
    request.check_allowed(attempt.viewer)
    path = export_path(directory, attempt.job.id)
    partial = path.with_suffix(f".{attempt.job.attempt_id}")
    try:
        await run_in(FILES, directory.mkdir, parents=True, exist_ok=True)
        rows, size = await _write(attempt, request, partial)
        await run_in(FILES, partial.replace, path)
    finally:
        await run_in(FILES, partial.unlink, missing_ok=True)
    return {
        "format": request.format.value,
        "fileName": request.file_name,
        "rowCount": rows,
        "sizeBytes": size,
        "expiresAt": (datetime.now(UTC) + FILE_LIFETIME).isoformat(),
    }


async def _write(attempt: Attempt, request: ExportRequest, path: Path) -> tuple[int, int]:
    """Rows, and bytes before they are compressed."""
    rows = size = 0
    told_at = 0.0
    batches = export_batches(attempt.database, attempt.viewer, request, counts=True)
    with await run_in(FILES, gzip.open, path, "wb", _COMPRESSION) as file:
        async with aclosing(batches):
            async for batch in batches:
                content = batch.text.encode()
                await run_in(FILES, _write_all, file, content)
                rows, size = batch.rows, size + len(content)
                if time.monotonic() - told_at >= _TELL_EVERY_SECONDS:
                    told_at = time.monotonic()
                    await attempt.advance(f"{rows:,} of {batch.of:,} rows.", done=rows, of=batch.of)
    return rows, size


def _write_all(file: gzip.GzipFile, content: bytes) -> None:
    try:
        file.write(content)
    except OSError as error:
        log.exception("an export cannot be written")
        raise JobFailed("NO_ROOM", "There is no room for the file now.", retryable=True) from error


def remove_expired_files(directory: Path) -> int:
    """Those that no link leads to any more, and what was left by workers that died. Returns how many."""
    oldest = time.time() - FILE_LIFETIME.total_seconds()
    expired = [path for path in directory.glob("*") if path.stat().st_mtime < oldest] if directory.exists() else []
    for path in expired:
        path.unlink(missing_ok=True)
    return len(expired)
