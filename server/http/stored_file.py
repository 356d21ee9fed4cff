"""Responses with files of a storage, in whole or from where an interrupted download ended."""

import asyncio
import gzip
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from common.executors import FILES, run_in
from common.storage import Storage
from domain.errors import NotFound, ServiceUnavailable
from server.http.streaming_response import StreamingResponse

_CHUNK = 256 * 1024
_FIND_SECONDS = 10.0
_RANGE = re.compile(r"bytes=(?:([0-9]{1,15})-([0-9]{1,15})?|-([0-9]{1,15}))")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file, which does not change. `size`: in bytes."""

    storage: Storage
    key: str
    size: int

    def respond(self, request_headers: Mapping[str, str], headers: Mapping[str, str]) -> StreamingResponse:
        """Return the file, or the range of the request (RFC 9110, section 14), with these headers."""
        etag = f'"{self.key}"'
        all_headers = {**headers, "ETag": etag, "Accept-Ranges": "bytes"}
        requested = request_headers.get("range") if request_headers.get("if-range", etag) == etag else None
        found = parse_range(requested, self.size)
        if found is None:
            return StreamingResponse(self._read(0, self.size), all_headers | {"Content-Length": str(self.size)})
        start, end = found
        if start >= end:
            unsatisfiable = all_headers | {"Content-Range": f"bytes */{self.size}", "Content-Length": "0"}
            return StreamingResponse(self._read(0, 0), unsatisfiable, status=416)
        partial = all_headers | {
            "Content-Range": f"bytes {start}-{end - 1}/{self.size}",
            "Content-Length": str(end - start),
        }
        return StreamingResponse(self._read(start, end), partial, status=206)

    async def decompress(self, prefix: bytes = b"") -> AsyncGenerator[bytes, None]:
        """Yield the content of a gzip file after a prefix."""
        if prefix:
            yield prefix
        with await run_in(FILES, self.storage.open, self.key) as file, gzip.GzipFile(fileobj=file) as content:
            while chunk := await run_in(FILES, content.read, _CHUNK):
                yield chunk

    async def _read(self, start: int, end: int) -> AsyncGenerator[bytes, None]:
        with await run_in(FILES, self.storage.open, self.key) as file:
            await run_in(FILES, file.seek, start)
            while start < end and (chunk := await run_in(FILES, file.read, min(_CHUNK, end - start))):
                start += len(chunk)
                yield chunk


async def find_file(storage: Storage, key: str) -> StoredFile:
    """Raises NotFound, and ServiceUnavailable, also if the storage hangs."""
    try:
        async with asyncio.timeout(_FIND_SECONDS):
            return StoredFile(storage, key, await run_in(FILES, storage.size, key))
    except FileNotFoundError:
        raise NotFound("File not found.") from None
    except OSError as error:
        raise ServiceUnavailable("The file cannot be read; please retry later.") from error


def parse_range(value: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte of a single range and the one after its last; equal ones if it has none.

    None: the whole file, also for several ranges, which servers may ignore.
    """
    found = _RANGE.fullmatch(value) if value is not None else None
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return max(size - int(suffix), 0), size
    start = int(first)
    end = size if last is None else min(int(last) + 1, size)
    if last is not None and int(last) < start:
        return None
    return min(start, size), max(end, min(start, size))
