"""Requests imports and confirms them; saves their analyses and ends."""

from collections.abc import Sequence

import orjson

from db.commands import imports as commands
from db.commands.jobs import lock_job_events
from db.core.transaction import Transaction
from db.queries.imports import ImportRow, imports_by_id
from db.queries.jobs import AttemptRow, JobRow, job_counts
from db.queries.uploads import uploads_by_id
from db.services import attempts
from db.services.import_words import check_choices, save_ambiguous_words, save_choices
from db.services.jobs import enqueue_job
from db.services.uploads import add_part, create_upload
from domain.enums import ImportSourceKind, ImportStatus, JobKind
from domain.ids import ImportId, UploadId, new_id
from domain.imports.analysis import AmbiguousWord, ImportAnalysis
from domain.imports.mapping import Choices, ImportMapping
from domain.uploads import UploadLimits
from domain.user_errors import Conflict, UserErrorCode, invalid_input

MAX_UNFINISHED = 3


async def start_import(transaction: Transaction, source: ImportSourceKind, upload_id: UploadId, path: str) -> ImportRow:
    """Create an import of an uploaded file and enqueue the job that analyses it. Up to eight statements.

    Raises InvalidInput for an upload that is missing or incomplete, with the path (`path`, "uploadId"), and if
    `MAX_UNFINISHED` jobs are unfinished.
    """
    await transaction.rows(lock_job_events)
    await _check_unfinished(transaction, JobKind.ANALYZE_IMPORT)
    upload = await transaction.row(uploads_by_id, ids=[upload_id])
    if upload is None:
        message = "Upload not found; it may have expired."
        raise invalid_input(UserErrorCode.NOT_FOUND, message, path, "uploadId")
    if not upload.is_complete:
        message = f"The upload is incomplete: {upload.received:,} of {upload.size:,} bytes."
        raise invalid_input(UserErrorCode.CONFLICT, message, path, "uploadId")
    id = ImportId(new_id())
    job = await enqueue_job(transaction, JobKind.ANALYZE_IMPORT, {"importId": str(id)}, steps=0)
    await transaction.rows(
        commands.insert_import,
        import_id=id,
        source=source.value,
        file_name=upload.file_name,
        upload_id=upload_id,
        job_id=job.id,
    )
    return await find_import(transaction, id)


async def start_import_of_file(
    transaction: Transaction,
    source: ImportSourceKind,
    file_name: str,
    size: int,
    part: str,
    limits: UploadLimits,
    path: str,
) -> ImportRow:
    """Like `start_import`, for a stored file without an upload. Up to twelve statements.

    Raises InvalidInput also if the learner's files would exceed the limit of their bytes.
    """
    # All transactions lock in this order.
    await transaction.rows(lock_job_events)
    upload = await create_upload(transaction, file_name, size, limits)
    await add_part(transaction, upload.id, 0, part, size)
    return await start_import(transaction, source, upload.id, path)


async def confirm_import(
    transaction: Transaction, id: ImportId, mapping: ImportMapping, decks: Sequence[str] = ()
) -> tuple[ImportRow, JobRow]:
    """Enqueue the job that imports with this mapping, and return the import and the job. Up to ten statements.

    `decks`: those of the mapping, in the order of the input.

    Raises InvalidInput for an import that is not analysed, whose file expired, or that another job works on; and for a
    mapping that names what the source does not have.
    """
    await transaction.rows(lock_job_events)
    row = await find_import(transaction, id)
    if row.analysis is None or row.status in (ImportStatus.ANALYZING, ImportStatus.IMPORTING):
        raise Conflict(row, f"The import is {row.status}.", "id")
    if row.upload_id is None or await transaction.row(uploads_by_id, ids=[row.upload_id]) is None:
        raise Conflict(row, "The file has expired; upload it again.", "id")
    await _check_unfinished(transaction, JobKind.RUN_IMPORT)
    await check_choices(transaction, mapping.choices)
    analysis = ImportAnalysis.from_json(row.analysis, id)
    analysis.check_mapping(mapping, decks)
    job = await enqueue_job(transaction, JobKind.RUN_IMPORT, {"importId": str(id)}, steps=analysis.note_count)
    await transaction.rows(commands.delete_reports, import_id=id)
    encoded = orjson.dumps(mapping.to_json()).decode()
    await transaction.rows(commands.confirm_import, import_id=id, mapping=encoded, job_id=job.id)
    return await find_import(transaction, id), job


async def choose_words(transaction: Transaction, id: ImportId, choices: Choices) -> ImportRow:
    """Save choices for the next job of an import. Up to four statements. Raises InvalidInput like `save_choices`."""
    row = await find_import(transaction, id)
    if row.analysis is None:
        raise Conflict(row, f"The import is {row.status}.", "id")
    await save_choices(transaction, id, choices)
    return row


async def find_import(transaction: Transaction, id: ImportId) -> ImportRow:
    """Return an import of the viewer. One statement. Raises InvalidInput with the path ("id",)."""
    row = await transaction.row(imports_by_id, ids=[id])
    if row is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Import not found.", "id")
    return row


async def save_analysis(
    transaction: Transaction,
    attempt: AttemptRow,
    id: ImportId,
    analysis: ImportAnalysis,
    ambiguous_words: Sequence[AmbiguousWord],
) -> None:
    """Save what is in the source. Up to five statements. Raises AttemptSuperseded."""
    await attempts.advance(transaction, attempt, "Analysed.", done=1, of=1)
    await transaction.rows(commands.save_analysis, import_id=id, analysis=analysis.to_json())
    await save_ambiguous_words(transaction, id, ambiguous_words)


async def finish_import(transaction: Transaction, attempt: AttemptRow, id: ImportId, total: int) -> None:
    """Mark an import as done. Four statements. Raises AttemptSuperseded."""
    await attempts.advance(transaction, attempt, f"{total:,} notes.", done=total, of=total)
    await transaction.rows(commands.finish_import, import_id=id)


async def _check_unfinished(transaction: Transaction, kind: JobKind) -> None:
    [counts] = await transaction.rows(job_counts, kind=kind.value)
    if counts.waiting + counts.running >= MAX_UNFINISHED:
        message = f"Limit of {MAX_UNFINISHED} unfinished imports reached; wait for one or cancel its job."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
