"""Packages for tests: those that Anki made, and changed ones."""

import sqlite3
import struct
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from content.anki.package import AnkiPackage
from content.anki.packages import MAX_COLLECTION_BYTES
from domain.scheduling.days import study_days

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACKAGES = Path(__file__).parent / "packages"
# Where the packages were made.
TIME_ZONE = "Asia/Tokyo"
DAYS = study_days(TIME_ZONE, 4)


@contextmanager
def opened(package: Path, max_bytes: int = MAX_COLLECTION_BYTES) -> Iterator[AnkiPackage]:
    """The package; afterwards no file is left."""
    with tempfile.TemporaryDirectory() as directory:
        source = AnkiPackage.open(package, Path(directory), DAYS, max_bytes)
        try:
            yield source
        finally:
            source.close()
        assert not list(Path(directory).iterdir())


def edited(target: Path, *statements: str, edit: Callable[[sqlite3.Connection], object] | None = None) -> Path:
    """The package `sm2.anki21.apkg` after statements, as `target`."""
    file = target.with_suffix(".db")
    with zipfile.ZipFile(PACKAGES / "sm2.anki21.apkg") as original:
        file.write_bytes(original.read("collection.anki21"))
    connection = sqlite3.connect(file, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    if edit is not None:
        edit(connection)
    connection.close()
    return packed(target, {"collection.anki21": file.read_bytes()})


def packed(target: Path, entries: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target


def compressed(content: bytes) -> bytes:
    return zstd.compress(content)


def frame_with_window(log: int) -> bytes:
    """An empty frame of Zstandard (RFC 8878, section 3.1.1) whose window has 2 to the power of `log` bytes."""
    last_empty_block = bytes((1, 0, 0))
    return struct.pack("<IBB", 0xFD2FB528, 0, log - 10 << 3) + last_empty_block
