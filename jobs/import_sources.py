"""Opens the sources of imports."""

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from common.executors import COMPUTING, FILES, run_in
from common.storage import Storage, StorageFullError, translate_full_storage
from content.anki.package import AnkiPackage
from content.anki.rejections import PackageProblem, PackageRejected
from content.delimited_notes import DelimitedSource
from content.shinjp_export import ShinjpExport
from content.wanikani.source import WaniKaniProgress
from db.queries.imports import ImportRow
from db.queries.uploads import uploads_by_id
from db.queries.users import settings_by_user_id
from domain.enums import ImportSourceKind
from domain.errors import ErrorCode
from domain.imports.records import ImportSource, SourceRejectedError
from domain.jobs import JobErrorCode, JobFailed, OutOfSpace
from domain.scheduling.days import StudyDays
from jobs.attempts import Attempt
from jobs.uploaded_files import copy_upload


def _open_anki_package(path: Path, days: StudyDays) -> ImportSource:
    return AnkiPackage.open(path, path.parent, days)


def _open_csv(path: Path, _: StudyDays) -> ImportSource:
    return DelimitedSource(path)


def _open_wanikani(path: Path, _: StudyDays) -> ImportSource:
    return WaniKaniProgress(path)


def _open_shinjp_export(path: Path, _: StudyDays) -> ImportSource:
    return ShinjpExport.open(path, path.parent)


# Open a source from its file, with the learner's days.
SOURCES: Mapping[ImportSourceKind, Callable[[Path, StudyDays], ImportSource]] = {
    ImportSourceKind.ANKI_PACKAGE: _open_anki_package,
    ImportSourceKind.CSV: _open_csv,
    ImportSourceKind.WANIKANI: _open_wanikani,
    ImportSourceKind.SHINJP_EXPORT: _open_shinjp_export,
}


@asynccontextmanager
async def open_source(
    attempt: Attempt, row: ImportRow, storage: Storage, days: StudyDays
) -> AsyncIterator[ImportSource]:
    """Copy the uploaded file of an import to this machine and open it. `days`: of the learner.

    Raises JobFailed, also instead of a SourceRejectedError inside.
    """
    ids = [] if row.upload_id is None else [row.upload_id]
    upload = await attempt.reads().row(uploads_by_id, ids=ids, viewer_id=attempt.viewer.id, now=attempt.reads().now)
    if upload is None:
        raise JobFailed(ErrorCode.NOT_FOUND, "The file has expired; upload it again.", retryable=False)
    with tempfile.TemporaryDirectory(prefix="shinjp-import-") as directory:
        path = Path(directory) / "file"
        try:
            with translate_full_storage():
                await run_in(FILES, copy_upload, storage, upload.parts, path)
        except FileNotFoundError:
            raise JobFailed(ErrorCode.NOT_FOUND, "The file has expired; upload it again.", retryable=False) from None
        except StorageFullError as error:
            raise OutOfSpace from error
        except OSError as error:
            message = "The file cannot be read. The job will be retried."
            raise JobFailed(ErrorCode.SERVICE_UNAVAILABLE, message, retryable=True) from error
        try:
            source = await run_in(COMPUTING, SOURCES[ImportSourceKind(row.source)], path, days)
            try:
                yield source
            finally:
                await run_in(COMPUTING, source.close)
        except SourceRejectedError as error:
            raise _failure(error) from error


def _failure(error: SourceRejectedError) -> JobFailed:
    message = str(error)
    match error.problem if isinstance(error, PackageRejected) else None:
        case PackageProblem.CORRUPT:
            return JobFailed(JobErrorCode.FILE_CORRUPT, message, retryable=False)
        case PackageProblem.TOO_LARGE:
            return JobFailed(JobErrorCode.FILE_TOO_LARGE, message, retryable=False)
        case PackageProblem.UNSAFE:
            return JobFailed(JobErrorCode.FILE_UNSAFE, message, retryable=False)
        case PackageProblem.UNSUPPORTED:
            return JobFailed(JobErrorCode.FILE_UNSUPPORTED, message, retryable=False)
        case PackageProblem.NOT_A_PACKAGE | None:
            return JobFailed(JobErrorCode.NOT_IMPORTABLE, message, retryable=False)


async def days_of(attempt: Attempt) -> StudyDays:
    """Return the days of the learner."""
    settings = await attempt.reads().row(settings_by_user_id, ids=[attempt.viewer.id], viewer_id=attempt.viewer.id)
    assert settings is not None
    return settings.scheduling.days
