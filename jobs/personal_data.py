"""The job that exports everything about a learner as one archive."""

import time
from collections.abc import Mapping
from contextlib import aclosing
from datetime import UTC, datetime

from common.executors import FILES, run_in
from db.queries.jobs import export_usage
from db.services.personal_data import personal_data_parts
from domain.exports import ARCHIVE_NAME, FILE_LIFETIME
from domain.personal_data import exported_tables, readme
from jobs.attempts import Attempt
from jobs.export_files import ArchiveWriter, ExportFiles, archive_key

# Of reports of progress.
PROGRESS_INTERVAL_SECONDS = 1.0


async def write_archive(attempt: Attempt, files: ExportFiles) -> Mapping[str, object]:
    """Raises JobFailed and AttemptSuperseded. The archive is created completely or not at all."""
    file = await run_in(FILES, ArchiveWriter, files, archive_key(attempt.job.id), await bytes_left(attempt, files))
    try:
        await run_in(FILES, file.write, "README.txt", readme(datetime.now(UTC)).encode())
        rows, count = await _write(attempt, file)
        size = await run_in(FILES, file.finish)
    finally:
        await run_in(FILES, file.discard)
    return {
        "fileName": ARCHIVE_NAME,
        "fileCount": count + 1,
        "rowCount": rows,
        "sizeBytes": size,
        "storedBytes": size,
        "expiresAt": (datetime.now(UTC) + FILE_LIFETIME).isoformat(),
    }


async def bytes_left(attempt: Attempt, files: ExportFiles) -> int:
    """Return how many bytes of files the user may add."""
    since = datetime.now(UTC) - FILE_LIFETIME
    usage = await attempt.reads().row(export_usage, viewer_id=attempt.viewer.id, since=since)
    return files.quota.max_bytes_per_user - (usage.size if usage else 0)


async def _write(attempt: Attempt, file: ArchiveWriter) -> tuple[int, int]:
    """Return the number of rows of all tables, and of files."""
    # Each table, and the cards and reviews with their words.
    total = 2 * len(list(exported_tables())) + 2
    rows = done = 0
    reported_at = 0.0
    async with aclosing(personal_data_parts(attempt.database, attempt.viewer)) as parts:
        async for part in parts:
            if part.content:
                await run_in(FILES, file.write, part.name, part.content)
            else:
                done += 1
            rows += part.rows if part.name.endswith(".json") else 0
            if time.monotonic() - reported_at >= PROGRESS_INTERVAL_SECONDS:
                reported_at = time.monotonic()
                # The reports of imports are in addition.
                await attempt.advance(f"{done} of {max(done, total)} files.", done=done, of=max(done, total))
    return rows, done
