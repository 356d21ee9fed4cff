"""Content of uploaded files."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from common.storage import Storage

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
    file = storage.create(part)
    try:
        file.write(content)
        file.finish()
    finally:
        file.discard()
