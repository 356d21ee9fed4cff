"""Content of uploaded files."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import structlog

from common.error_descriptions import describe_error
from common.storage import Storage, translate_full_storage

log = structlog.get_logger()

_CHUNK = 1024 * 1024


def copy_upload(storage: Storage, parts: Iterable[str], path: Path) -> None:
    """Write the parts to one file. Raises FileNotFoundError if one expired, and OSError. Blocks."""
    with path.open("wb") as target:
        for part in parts:
            with storage.open(part) as source:
                shutil.copyfileobj(source, target, _CHUNK)


def read_upload(storage: Storage, parts: Iterable[str]) -> bytes:
    """Return the content of a small file. Raises FileNotFoundError if it expired. Blocks."""
    content = bytearray()
    for part in parts:
        with storage.open(part) as source:
            content += source.read()
    return bytes(content)


def save_upload(storage: Storage, part: str, content: bytes) -> None:
    """Store a part. Raises StorageFullError and OSError. Blocks."""
    with translate_full_storage():
        file = storage.create(part)
        try:
            file.write(content)
            file.finish()
        finally:
            file.discard()


def delete_unused(storage: Storage, keys: Sequence[str]) -> None:
    """Delete files to which nothing refers. What an unavailable storage keeps is deleted when it expires. Blocks."""
    try:
        if len(keys) == 1:
            # Without a scan of a directory.
            storage.delete(keys[0])
        else:
            storage.delete_all(keys)
    except OSError as error:
        log.warning("unused file not deleted", reason=describe_error(error))
