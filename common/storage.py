"""Storage of files by key, behind an interface that a directory and object stores can implement."""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

from common.storage_usage import CountedUsage, StorageUsage

_KEY = re.compile(r"[0-9a-z][0-9a-z.-]{0,199}")
# Of a file, between two checks of the free space.
CHECK_EVERY_BYTES = 16 * 1024 * 1024
# A scan takes a call of the system for each file. Meanwhile a process does not see files of others.
_USAGE_SECONDS = 5.0
# The name of an unfinished file, which is not a key, so that no client reads it: this, the key and a token.
_PARTIAL = ".partial-"
_TOKEN_BYTES = 8
_TOKEN_LENGTH = 1 + 2 * _TOKEN_BYTES


# A full disk, a quota of the file system, and a limit of the process.
_FULL_ERRNOS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


class StorageFullError(Exception):
    """The storage has no space left, or has reached its limit."""


@contextmanager
def translate_full_storage() -> Iterator[None]:
    """Raises StorageFullError for an OSError of a full disk or quota."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL_ERRNOS:
            raise StorageFullError from error
        raise


@dataclass(frozen=True, slots=True)
class StorageLimits:
    """Limits of all files together. `min_free_bytes`: of the disk."""

    max_files: int
    max_bytes: int
    min_free_bytes: int


class StoredFileWriter(Protocol):
    """A file, which is created completely or not at all. All methods block."""

    def write(self, content: bytes) -> None:
        """Raises StorageFullError and OSError."""
        ...

    def finish(self) -> int:
        """Make the file durable and visible. Returns its size in bytes. Raises StorageFullError and OSError."""
        ...

    def discard(self) -> None:
        """Remove leftovers, ignoring errors. Does nothing after `finish`."""
        ...


class Storage(Protocol):
    """Files by key: lower-case letters, digits, dots and hyphens. A file does not change. All methods block."""

    def create(self, key: str) -> StoredFileWriter:
        """Raises StorageFullError and OSError."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        ...

    def size(self, key: str) -> int:
        """Return the size in bytes. Raises FileNotFoundError."""
        ...

    def delete(self, key: str) -> None:
        """Do nothing if there is no such file."""
        ...

    def delete_all(self, keys: Iterable[str]) -> None:
        """Delete files, and what interrupted writers of them left."""
        ...

    def usage(self) -> StorageUsage: ...

    def has_space(self) -> bool:
        """Whether another file can be created."""
        ...

    def delete_before(self, timestamp: float, kept: Container[str] = ()) -> int:
        """Delete files that were created earlier, and what interrupted writers left. Returns their number.

        May leave some for the next call, after a minute.
        `kept`: keys of files that are not deleted.
        """
        ...


@dataclass(frozen=True, slots=True)
class DirectoryStorage:
    """A directory, shared by servers and workers. Raises ValueError for an invalid key."""

    directory: Path
    limits: StorageLimits
    _counted: CountedUsage = field(
        default_factory=lambda: CountedUsage(_USAGE_SECONDS), init=False, compare=False, repr=False
    )

    def create(self, key: str) -> StoredFileWriter:
        return _DirectoryFileWriter(self, self._path(key))

    def open(self, key: str) -> BinaryIO:
        return self._path(key).open("rb")

    def size(self, key: str) -> int:
        return self._path(key).stat().st_size

    def delete(self, key: str) -> None:
        self._remove(self._path(key))

    def delete_all(self, keys: Iterable[str]) -> None:
        deleted = set(keys)
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                if _key_of(entry.name) in deleted:
                    self._remove(Path(entry.path))

    def usage(self) -> StorageUsage:
        """Of files that were found within the last seconds, and those that this process created and deleted since."""
        return self._counted.get(self._scan)

    def _scan(self) -> StorageUsage:
        files = size = 0
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                # It may be removed concurrently.
                with suppress(FileNotFoundError):
                    size += entry.stat(follow_symlinks=False).st_size
                    files += 1
        return StorageUsage(files, size, self._free())

    def _free(self) -> int:
        # The directory may not exist yet.
        existing = next(path for path in (self.directory, *self.directory.parents) if path.exists())
        return shutil.disk_usage(existing).free

    def delete_before(self, timestamp: float, kept: Container[str] = ()) -> int:
        number = 0
        with suppress(FileNotFoundError), os.scandir(self.directory) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    if entry.name not in kept and entry.stat(follow_symlinks=False).st_mtime < timestamp:
                        number += self._remove(Path(entry.path))
        return number

    def has_space(self) -> bool:
        try:
            self.check_space(new_files=1)
        except StorageFullError:
            return False
        return True

    def check_space(self, *, new_files: int) -> None:
        """Check whether `new_files` more can be started; with 0, whether one can continue. Raises StorageFullError."""
        usage, limits = self.usage(), self.limits
        if (
            self._free() < limits.min_free_bytes
            or usage.size >= limits.max_bytes
            or usage.files + new_files > limits.max_files
        ):
            raise StorageFullError

    def count(self, files: int, size: int) -> None:
        """Count what a writer has created, or with negative numbers discarded."""
        self._counted.add(files, size)

    def _remove(self, path: Path) -> bool:
        """Remove a file. Return False if there is none."""
        try:
            size = path.stat(follow_symlinks=False).st_size
            path.unlink()
        except FileNotFoundError:
            return False
        self._counted.add(-1, -size)
        return True

    def _path(self, key: str) -> Path:
        return self.directory / check_key(key)


def check_key(key: str) -> str:
    """Return the key. Raises ValueError."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is not a key")
    return key


def _key_of(name: str) -> str:
    """Return the key of a file, also of an unfinished one."""
    return name[len(_PARTIAL) : -_TOKEN_LENGTH] if name.startswith(_PARTIAL) else name


class _DirectoryFileWriter:
    def __init__(self, storage: DirectoryStorage, path: Path) -> None:
        self._storage = storage
        self._path = path
        storage.directory.mkdir(parents=True, exist_ok=True)
        storage.check_space(new_files=1)
        self._partial = path.with_name(f"{_PARTIAL}{path.name}-{secrets.token_hex(_TOKEN_BYTES)}")
        self._file = self._partial.open("xb")
        self._size = 0
        self._checked_at = 0
        storage.count(1, 0)

    def write(self, content: bytes) -> None:
        self._file.write(content)
        self._size += len(content)
        self._storage.count(0, len(content))
        if self._size - self._checked_at >= CHECK_EVERY_BYTES:
            self._checked_at = self._size
            self._storage.check_space(new_files=0)

    def finish(self) -> int:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._partial.replace(self._path)
        return self._size

    def discard(self) -> None:
        with suppress(OSError, ValueError):
            self._file.close()
        with suppress(OSError):
            self._partial.unlink()
            self._storage.count(-1, -self._size)
