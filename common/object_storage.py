"""Storage of files in a bucket of S3, or of a service with its protocol, for several machines."""

import errno
import io
import math
import re
import sys
import tempfile
import threading
import time
from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from common.storage import StorageFullError, StorageLimits, StoredFileWriter, check_key
from common.storage_usage import CountedUsage, StorageUsage

if TYPE_CHECKING:
    from obstore.store import S3Store

# Listing a bucket takes a request for each thousand files.
_USAGE_SECONDS = 30.0
_READ_BYTES = 1024 * 1024
# The client deletes ten of them concurrently.
_DELETED_TOGETHER = 200
_DELETE_SECONDS = 60.0
# An interrupted multipart upload of a killed process has to be removed by a rule of the bucket.
_UPLOAD_CHUNK_BYTES = 8 * 1024 * 1024
_REQUEST_SECONDS = 30
_CONNECT_SECONDS = 5
_MAX_RETRIES = 3
_RETRY_SECONDS = 20
# What services answer if a disk is full or a quota is reached: status 507, and codes of MinIO and Ceph.
_FULL = re.compile(
    r"\b507 Insufficient Storage\b|<Code>(?:XMinio\w*(?:StorageFull|QuotaExceeded)|QuotaExceeded)</Code>"
)


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """A bucket, or the part of it below a prefix. Methods raise ValueError for an invalid key, and OSError.

    A file is written to a temporary file first, so that the bucket never contains a part of it.
    """

    url: str
    limits: StorageLimits
    _client: "_Client" = field(default_factory=lambda: _Client(), init=False, compare=False, repr=False)
    _counted: CountedUsage = field(
        default_factory=lambda: CountedUsage(_USAGE_SECONDS), init=False, compare=False, repr=False
    )

    def create(self, key: str) -> StoredFileWriter:
        check_key(key)
        self._check_space(new_files=1)
        return _ObjectWriter(self, key)

    def open(self, key: str) -> BinaryIO:
        return io.BufferedReader(_ObjectReader(self, check_key(key), self.size(key)), _READ_BYTES)

    def size(self, key: str) -> int:
        import obstore

        with _translate_errors():
            return obstore.head(self._store(), check_key(key))["size"]

    def delete(self, key: str) -> None:
        import obstore

        with suppress(FileNotFoundError), _translate_errors():
            obstore.delete(self._store(), check_key(key))

    def delete_all(self, keys: Iterable[str]) -> None:
        self._delete_until(list(keys), math.inf)

    def usage(self) -> StorageUsage:
        """Of files that were listed within the last half minute, and those that this process created since."""
        return self._counted.get(self._list_usage)

    def has_space(self) -> bool:
        try:
            self._check_space(new_files=1)
        except StorageFullError:
            return False
        return True

    def delete_before(self, timestamp: float, kept: Container[str] = ()) -> int:
        expired = [
            key for key, _, created_at in self._files() if created_at.timestamp() < timestamp and key not in kept
        ]
        # The caller does other work, too: its next call continues.
        return self._delete_until(expired, time.monotonic() + _DELETE_SECONDS)

    def _delete_until(self, keys: list[str], deadline: float) -> int:
        """Delete files in batches. Return the number of keys that were handled by the deadline."""
        import obstore

        for start in range(0, len(keys), _DELETED_TOGETHER):
            if time.monotonic() >= deadline:
                return start
            batch = [check_key(key) for key in keys[start : start + _DELETED_TOGETHER]]
            try:
                with _translate_errors():
                    obstore.delete(self._store(), batch)
            except FileNotFoundError:
                # Of some services, which then may not have deleted the others.
                for key in batch:
                    self.delete(key)
        return len(keys)

    def read(self, key: str, start: int, size: int) -> bytes:
        import obstore

        with _translate_errors():
            return obstore.get_range(self._store(), key, start=start, length=size).to_bytes()

    def put(self, key: str, file: BinaryIO, size: int) -> None:
        """Create a complete file. It is visible when this returns."""
        import obstore

        with _translate_errors():
            obstore.put(self._store(), key, file, chunk_size=_UPLOAD_CHUNK_BYTES)
        self._counted.add(1, size)

    def _files(self) -> Iterator[tuple[str, int, datetime]]:
        """Yield key, size and time of creation."""
        import obstore

        with _translate_errors():
            for page in obstore.list(self._store()):
                for found in page:
                    yield found["path"], found["size"], found["last_modified"]

    def _list_usage(self) -> StorageUsage:
        sizes = [size for _, size, _ in self._files()]
        return StorageUsage(len(sizes), sum(sizes), sys.maxsize)

    def _check_space(self, *, new_files: int) -> None:
        usage = self.usage()
        if usage.size >= self.limits.max_bytes or usage.files + new_files > self.limits.max_files:
            raise StorageFullError

    def _store(self) -> "S3Store":
        return self._client.store(self.url)


class _Client:
    """Is opened on use. Its method is called by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._store: S3Store | None = None

    def store(self, url: str) -> "S3Store":
        with self._lock:
            if self._store is None:
                self._store = _open_store(url)
            return self._store


def _open_store(url: str) -> "S3Store":
    """Open `s3://bucket/prefix`, with credentials, region and endpoint from the environment (`AWS_…`)."""
    # Imported on use: most servers have a directory.
    from obstore.store import S3Store

    parts = urlsplit(url)
    return S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        # Not every service deletes several objects in one request.
        config={"disable_bulk_delete": True},
        client_options={
            # Only for endpoints with this scheme.
            "allow_http": True,
            "timeout": timedelta(seconds=_REQUEST_SECONDS),
            "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
        },
        retry_config={"max_retries": _MAX_RETRIES, "retry_timeout": timedelta(seconds=_RETRY_SECONDS)},
    )


class _ObjectWriter:
    def __init__(self, storage: ObjectStorage, key: str) -> None:
        self._storage = storage
        self._key = key
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `finish` and `discard`

    def write(self, content: bytes) -> None:
        self._file.write(content)

    def finish(self) -> int:
        size = self._file.tell()
        self._file.seek(0)
        self._storage.put(self._key, self._file, size)
        self._file.close()
        return size

    def discard(self) -> None:
        with suppress(OSError):
            self._file.close()


class _ObjectReader(io.RawIOBase):
    """Each read is a request, so that a client that reads slowly holds no connection."""

    def __init__(self, storage: ObjectStorage, key: str, size: int) -> None:
        self._storage = storage
        self._key = key
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(0, offset + (0, self._position, self._size)[whence])
        return self._position

    def tell(self) -> int:
        return self._position

    def readall(self) -> bytes:
        # Otherwise by pieces of 8 KiB.
        content = bytearray()
        while piece := self.read(_READ_BYTES):
            content += piece
        return bytes(content)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # BufferedReader gives one
        size = min(len(buffer), self._size - self._position)
        if size <= 0:
            return 0
        content = self._storage.read(self._key, self._position, size)
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raises FileNotFoundError and OSError for errors of the service, with ENOSPC if it is full."""
    from obstore.exceptions import BaseError, NotFoundError

    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(str(error)) from None
    except BaseError as error:
        message = str(error)
        if _FULL.search(message):
            raise OSError(errno.ENOSPC, message) from error
        raise OSError(message) from error
