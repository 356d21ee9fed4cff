"""Where exported files stand, and how much room there is for them."""

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
from domain.jobs import JobErrorCode, JobFailed, NoRoom

log = structlog.get_logger()

# A fifth of the size for a fifth of the time of the best.
_COMPRESSION = 4
# A full disk, a quota of the file system's, and a limit of the process's.
_NO_ROOM = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


@dataclass(frozen=True, slots=True)
class ExportUsage:
    """Files, those on the way among them, what they take, and what is left on their disk."""

    files: int
    size: int
    free: int


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """A directory that servers and workers share. All of this waits for the disk."""

    directory: Path
    quota: ExportQuota

    def path(self, job_id: UUID) -> Path:
        """Of the file of a job, compressed."""
        return self.directory / f"{job_id}.gz"

    def usage(self) -> ExportUsage:
        files = size = 0
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                # It may be removed in this moment.
                with suppress(FileNotFoundError):
                    size += entry.stat(follow_symlinks=False).st_size
                    files += 1
        # It may not have been made yet.
        existing = next(path for path in (self.directory, *self.directory.parents) if path.exists())
        return ExportUsage(files, size, shutil.disk_usage(existing).free)

    def has_room(self, *, new_files: int) -> bool:
        """Whether so many more may be begun; with 0, whether one may go on."""
        usage = self.usage()
        return (
            usage.free >= self.quota.min_free_bytes
            and usage.size < self.quota.max_bytes
            and usage.files + new_files <= self.quota.max_files
        )

    def remove_expired(self) -> int:
        """Those that no link leads to any more, and what was left by workers that died. Returns how many."""
        oldest = time.time() - FILE_LIFETIME.total_seconds()
        directory = self.directory
        expired = [path for path in directory.glob("*") if path.stat().st_mtime < oldest] if directory.exists() else []
        for path in expired:
            path.unlink(missing_ok=True)
        return len(expired)


class NewFile:
    """A compressed file that is there whole or not at all. Raises JobFailed where it cannot be written.

    All of its methods wait for the disk. `max_bytes`: what it may take.
    """

    # How much is written between two looks at the room that is left.
    CHECK_EVERY_BYTES = 16 * 1024 * 1024

    def __init__(self, files: ExportFiles, path: Path, partial: Path, max_bytes: int) -> None:
        self._files = files
        self._path = path
        self._partial = partial
        self._max_bytes = max_bytes
        self._checked_at = 0
        with _translated_errors():
            files.directory.mkdir(parents=True, exist_ok=True)
            if not files.has_room(new_files=1):
                raise NoRoom
            self._raw = partial.open("wb")
        self._gzip = gzip.GzipFile("", "wb", _COMPRESSION, self._raw)

    def write(self, content: bytes) -> None:
        with _translated_errors():
            self._gzip.write(content)
            self._check(self._raw.tell())

    def finish(self) -> int:
        """Puts it in its place, on the disk and not only on the way there. Returns the bytes that it takes."""
        with _translated_errors():
            self._gzip.close()
            self._raw.flush()
            size = self._raw.tell()
            self._check(size)
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._partial.replace(self._path)
        return size

    def discard(self) -> None:
        """Whatever is left of it, however it ended. What cannot be written now either is no new error."""
        for end in (self._gzip.close, self._raw.close, self._partial.unlink):
            with suppress(OSError, ValueError):
                end()

    def _check(self, size: int) -> None:
        if size > self._max_bytes:
            message = (
                f"Your exported files may take {self._files.quota.max_bytes_per_user:,} bytes at a time. "
                "With this one it is more: ask for less of it, or when older ones are gone."
            )
            raise JobFailed(JobErrorCode.LIMIT_REACHED, message, retryable=False)
        if size - self._checked_at >= self.CHECK_EVERY_BYTES:
            self._checked_at = size
            if not self._files.has_room(new_files=0):
                raise NoRoom


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.exception("an export cannot be written")
        if error.errno in _NO_ROOM:
            raise NoRoom from error
        message = "The file could not be written. It is tried again by itself."
        raise JobFailed(JobErrorCode.NOT_WRITTEN, message, retryable=True) from error
