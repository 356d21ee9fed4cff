"""Files of export jobs, in a storage, with their formats and limits."""

import gzip
import time
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO
from uuid import UUID

import structlog

from common.storage import Storage, StorageFullError, translate_full_storage
from domain.exports import FILE_LIFETIME, ExportQuota
from domain.jobs import JobErrorCode, JobFailed, OutOfSpace

log = structlog.get_logger()

# A fifth of the size, in a fifth of the time of level 9.
_COMPRESSION = 4


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """The storage of exported files, shared by servers and workers. `quota`: of a user. All methods block."""

    storage: Storage
    quota: ExportQuota

    def remove_expired(self) -> int:
        """Remove files with expired links, and what workers that died left. Returns their number."""
        return self.storage.delete_before(time.time() - FILE_LIFETIME.total_seconds())

    def remove(self, job_ids: Iterable[UUID]) -> None:
        """Remove the files of jobs, and what their attempts left."""
        self.storage.delete_all(key for id in job_ids for key in (rows_key(id), archive_key(id)))


def rows_key(job_id: UUID) -> str:
    """The key of the compressed file of a job."""
    return f"{job_id}.gz"


def archive_key(job_id: UUID) -> str:
    """The key of the archive of a job that exports a learner's data."""
    return f"{job_id}.zip"


class _LimitedFile:
    """A stored file as gzip and zip write it. Raises JobFailed if it exceeds `max_bytes` or cannot be written."""

    def __init__(self, files: ExportFiles, key: str, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._quota = files.quota
        self._size = 0
        self._is_discarded = False
        with translate_errors():
            self._file = files.storage.create(key)

    def write(self, content: bytes) -> int:
        if self._is_discarded:
            return len(content)
        self._size += len(content)
        if self._size > self._max_bytes:
            message = (
                f"Your exported files exceed the limit of {self._quota.max_bytes_per_user:,} bytes. "
                "Export less, or wait until older files expire."
            )
            raise JobFailed(JobErrorCode.LIMIT_REACHED, message, retryable=False)
        with translate_errors():
            self._file.write(content)
        return len(content)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Only complete files are read."""

    def close(self) -> None:
        """Neither gzip nor zip closes the file that it was given."""

    def finish(self) -> int:
        with translate_errors():
            return self._file.finish()

    def discard(self) -> None:
        """Also ignores what is written from now on."""
        self._is_discarded = True
        self._file.discard()


class ExportWriter:
    """A gzip file, which is created completely or not at all. All methods block, and raise JobFailed.

    `max_bytes`: of the compressed file.
    """

    def __init__(self, files: ExportFiles, key: str, max_bytes: int) -> None:
        self._file = _LimitedFile(files, key, max_bytes)
        self._gzip = gzip.GzipFile("", "wb", _COMPRESSION, self._file)

    def write(self, content: bytes) -> None:
        self._gzip.write(content)

    def finish(self) -> int:
        """Make the file visible. Returns its size in bytes."""
        self._gzip.close()
        return self._file.finish()

    def discard(self) -> None:
        """Remove leftovers. Does nothing after `finish`."""
        self._file.discard()
        self._gzip.close()


class ArchiveWriter:
    """A zip archive, whose files are written one after the other. See `ExportWriter`."""

    def __init__(self, files: ExportFiles, key: str, max_bytes: int) -> None:
        self._file = _LimitedFile(files, key, max_bytes)
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION)
        self._name: str | None = None
        self._member: IO[bytes] | None = None

    def write(self, name: str, content: bytes) -> None:
        """Append to the file of this name, which must be a new one if the name is not that of the last call."""
        if name != self._name:
            self._end_member()
            self._name, self._member = name, self._zip.open(name, "w", force_zip64=True)
        assert self._member is not None
        self._member.write(content)

    def finish(self) -> int:
        self._end_member()
        self._zip.close()
        return self._file.finish()

    def discard(self) -> None:
        """Remove leftovers. Does nothing after `finish`."""
        self._file.discard()
        self._end_member()
        self._zip.close()

    def _end_member(self) -> None:
        member, self._member, self._name = self._member, None, None
        if member is not None:
            member.close()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raises JobFailed for errors of the disk and of storages."""
    try:
        with translate_full_storage():
            yield
    except StorageFullError as error:
        raise OutOfSpace from error
    except OSError as error:
        log.exception("export write failed")
        message = "The file could not be written. The job will be retried."
        raise JobFailed(JobErrorCode.NOT_WRITTEN, message, retryable=True) from error
