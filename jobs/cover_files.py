"""Files of uploaded covers. The column `cover_url` of a book has the path of its file."""

import asyncio
import secrets
import time
from dataclasses import dataclass

import asyncpg

from common.executors import FILES, run_in
from common.storage import Storage
from domain.covers import COVER_NAME, COVER_PATH, CoverImage, is_stored_cover
from jobs.uploaded_files import delete_unused, read_upload, save_upload

_READ_SECONDS = 10.0
_USED = "select cover_url from books where cover_url like '/covers/%'"


@dataclass(frozen=True, slots=True)
class CoverFiles:
    """`base_url`: the public URL of this server, without a slash at its end. File names cannot be guessed.

    `min_age_seconds`: how old an unused file is when it is deleted, longer than a transaction that may use it.
    """

    storage: Storage
    base_url: str
    min_age_seconds: float = 3_600

    async def save(self, content: bytes, image: CoverImage) -> str:
        """Return the path under which the image is served. Raises StorageFullError and OSError."""
        name = f"{secrets.token_hex(16)}.{image.extension}"
        await run_in(FILES, save_upload, self.storage, name, content)
        return COVER_PATH + name

    async def read(self, name: str) -> bytes | None:
        """Return the content of a file; None if there is none. Raises OSError, also if the storage hangs."""
        async with asyncio.timeout(_READ_SECONDS):
            return await run_in(FILES, self._read, name) if COVER_NAME.fullmatch(name) else None

    async def delete(self, path: str) -> None:
        await run_in(FILES, delete_unused, self.storage, [path.removeprefix(COVER_PATH)])

    async def delete_unused(self, connection: asyncpg.Connection) -> None:
        """Delete files of which no book has the path: those of purged books, and of covers that were replaced."""
        # Before it knows the used files: the worker may be suspended at any time, while other covers are uploaded.
        oldest = time.time() - self.min_age_seconds
        used = {row["cover_url"].removeprefix(COVER_PATH) for row in await connection.fetch(_USED)}
        await run_in(FILES, self.storage.delete_before, oldest, used)

    def url(self, cover_url: str | None) -> str | None:
        """Return the URL of a cover for clients."""
        return self.base_url + cover_url if is_stored_cover(cover_url) else cover_url

    def path(self, url: str) -> str:
        """Return the path of an uploaded cover from its URL; others as they are."""
        path = url.removeprefix(self.base_url)
        return path if path.startswith(COVER_PATH) else url

    def _read(self, name: str) -> bytes | None:
        try:
            return read_upload(self.storage, [name])
        except FileNotFoundError:
            return None
