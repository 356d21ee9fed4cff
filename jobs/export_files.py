"""Storage of exported files, with its limits."""

import errno
import gzip
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import structlog

from domain.exports import FILE_LIFETIME, ExportQuota
from domain.jobs import JobErrorCode, JobFailed, OutOfSpace

log = structlog.get_logger()

# A fifth of the size, in a fifth of the time of level 9.
_COMPRESSION = 4
# A full disk, a file system quota, and a limit of the process.
_OUT_OF_SPACE_ERRNOS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


@dataclass(frozen=True, slots=True)
class ExportUsage:
    """Number and total bytes of all files, including unfinished ones, and free bytes on the disk."""

    files: int
    size: int
    free: int


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """A directory shared by servers and workers. All methods block on the disk."""

    directory: Path
    quota: ExportQuota

    def path(self, job_id: UUID) -> Path:
        """The compressed file of a job."""
        return self.directory / f"{job_id}.gz"

    def usage(self) -> ExportUsage:
        files = size = 0
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                # It may be removed concurrently.
                with suppress(FileNotFoundError):
                    size += entry.stat(follow_symlinks=False).st_size
                    files += 1
        # The directory may not exist yet.
        existing = next(path for path in (self.directory, *self.directory.parents) if path.exists())
        return ExportUsage(files, size, shutil.disk_usage(existing).free)

    def has_space(self, *, new_files: int) -> bool:
        """Whether `new_files` more can be started; with 0, whether one can continue."""
        usage = self.usage()
        return (
            usage.free >= self.quota.min_free_bytes
            and usage.size < self.quota.max_bytes
            and usage.files + new_files <= self.quota.max_files
        )

    def remove_expired(self) -> int:
        """Remove files with expired links, and leftovers of workers that died. Returns their number."""
        oldest = time.time() - FILE_LIFETIME.total_seconds()
        directory = self.directory
        expired = [path for path in directory.glob("*") if path.stat().st_mtime < oldest] if directory.exists() else []
        for path in expired:
            path.unlink(missing_ok=True)
        return len(expired)


class ExportWriter:
    """A compressed file, which is created completely or not at all. Raises JobFailed if it cannot be written.

    All methods block on the disk. `max_bytes`: of the compressed file.
    """

    # Bytes between two checks of the free space.
    CHECK_EVERY_BYTES = 16 * 1024 * 1024

    def __init__(self, files: ExportFiles, path: Path, partial: Path, max_bytes: int) -> None:
        self._files = files
        self._path = path
        self._partial = partial
        self._max_bytes = max_bytes
        self._checked_at = 0
        with _translate_errors():
            files.directory.mkdir(parents=True, exist_ok=True)
            if not files.has_space(new_files=1):
                raise OutOfSpace
            self._raw = partial.open("wb")
        self._gzip = gzip.GzipFile("", "wb", _COMPRESSION, self._raw)

    def write(self, content: bytes) -> None:
        with _translate_errors():
            self._gzip.write(content)
            self._check(self._raw.tell())

    def finish(self) -> int:
        """Sync the file to disk and move it to its path. Returns its size in bytes."""
        with _translate_errors():
            self._gzip.close()
            self._raw.flush()
            size = self._raw.tell()
            self._check(size)
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._partial.replace(self._path)
        return size

    def discard(self) -> None:
        """Remove leftovers, ignoring errors. Does nothing after `finish`."""
        for end in (self._gzip.close, self._raw.close, self._partial.unlink):
            with suppress(OSError, ValueError):
                end()

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            message = (
                f"Your exported files exceed the limit of {self._files.quota.max_bytes_per_user:,} bytes. "
                "Export less, or wait until older files expire."
            )
            raise JobFailed(JobErrorCode.LIMIT_REACHED, message, retryable=False)
        if size - self._checked_at >= self.CHECK_EVERY_BYTES:
            self._checked_at = size
            if not self._files.has_space(new_files=0):
                raise OutOfSpace


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.exception("export write failed")
        if error.errno in _OUT_OF_SPACE_ERRNOS:
            raise OutOfSpace from error
        message = "The file could not be written. The job will be retried."
        raise JobFailed(JobErrorCode.NOT_WRITTEN, message, retryable=True) from error
