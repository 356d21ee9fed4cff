"""The directory of a zip archive (APPNOTE 6.3), read in bounded memory.

`zipfile` keeps an object of half a kilobyte for every entry of a directory that takes 46 bytes each, and resolves
contradictions between the records of an archive silently. Here every contradiction is a rejection.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from common.text import truncate
from content.anki.rejections import PackageProblem, PackageRejected

# A package has one entry for every file of its media.
MAX_ENTRIES = 200_000
_MAX_NAME_BYTES = 512
_MAX_COMMENT = 0xFFFF
_MAX_32 = 0xFFFF_FFFF

_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_END_SIGNATURE, _ENTRY_SIGNATURE, _LOCAL_SIGNATURE = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_ZIP64_LOCATOR = b"PK\x06\x07"
# Bits of the flags: encryption, strong encryption, an encrypted directory; and names in UTF-8.
_ENCRYPTED, _UTF_8 = 1 << 0 | 1 << 6 | 1 << 13, 1 << 11


@dataclass(frozen=True, slots=True)
class ArchiveEntry:
    """An entry of the directory. `method`: of compression. `offset`: of its local header."""

    name: str
    method: int
    crc: int
    compressed_size: int
    size: int
    offset: int


def read_directory(file: BinaryIO) -> dict[str, ArchiveEntry]:
    """The entries by name. Raises PackageRejected for an archive that no writer of packages makes.

    Names are checked although entries are never written under them.
    """
    start, size, count = _read_end(file)
    if count > MAX_ENTRIES:
        raise PackageRejected(
            PackageProblem.TOO_LARGE, f"The package has {count:,} files; {MAX_ENTRIES:,} are possible."
        )
    file.seek(start)
    entries: dict[str, ArchiveEntry] = {}
    for entry in _read_entries(file, count, end=start + size):
        if entry.name in entries:
            raise _unsafe(f"The package has two files of the name {truncate(entry.name)!r}.")
        entries[entry.name] = entry
    return entries


def data_offset(file: BinaryIO, entry: ArchiveEntry) -> int:
    """Where the data of an entry starts. Raises PackageRejected if its two headers contradict each other."""
    file.seek(entry.offset)
    header = file.read(_LOCAL.size)
    if len(header) == _LOCAL.size:
        signature, _, flags, method, _, _, _, _, _, name_length, extra_length = _LOCAL.unpack(header)
        name = _decode_name(file.read(name_length), flags)
        if signature == _LOCAL_SIGNATURE and name == entry.name and method == entry.method and not flags & _ENCRYPTED:
            return entry.offset + _LOCAL.size + int(name_length + extra_length)
    raise corrupt(f"the headers of {truncate(entry.name)!r} differ")


def corrupt(reason: str) -> PackageRejected:
    return PackageRejected(PackageProblem.CORRUPT, f"The package is damaged: {reason}. Export it again.")


def _unsafe(message: str) -> PackageRejected:
    return PackageRejected(PackageProblem.UNSAFE, message)


def _read_end(file: BinaryIO) -> tuple[int, int, int]:
    """The offset, the size and the number of entries of the directory."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(length - _END.size - _MAX_COMMENT - 20, 0))
    tail = file.read()
    position = tail.rfind(_END_SIGNATURE)
    if position < 0 or len(tail) - position < _END.size:
        raise PackageRejected(PackageProblem.NOT_A_PACKAGE, "The file is not a complete zip archive.")
    _, disk, first_disk, on_disk, count, size, start, comment_length = _END.unpack_from(tail, position)
    if start == _MAX_32 or size == _MAX_32 or count == 0xFFFF or tail[position - 20 : position - 16] == _ZIP64_LOCATOR:
        raise PackageRejected(
            PackageProblem.UNSUPPORTED, "The package is a Zip64 archive. Export it again without media."
        )
    if disk or first_disk or on_disk != count:
        raise PackageRejected(PackageProblem.UNSUPPORTED, "The package is one part of a split archive.")
    if start + size != length - len(tail) + position or position + _END.size + comment_length != len(tail):
        raise corrupt("its directory is not where its last record says")
    return int(start), int(size), int(count)


def _read_entries(file: BinaryIO, count: int, *, end: int) -> Iterator[ArchiveEntry]:
    at = file.tell()
    for _ in range(count):
        header = file.read(_ENTRY.size)
        if at + _ENTRY.size > end or len(header) < _ENTRY.size or header[:4] != _ENTRY_SIGNATURE:
            raise corrupt("its directory is incomplete")
        (
            _, _, _, flags, method, _, _, crc, compressed_size, size,
            name_length, extra_length, comment_length, disk, _, _, offset,
        ) = _ENTRY.unpack(header)  # fmt: skip
        if name_length > _MAX_NAME_BYTES:
            raise _unsafe(f"The package has a file name of {name_length:,} bytes.")
        name = _decode_name(file.read(name_length), flags)
        at = file.seek(extra_length + comment_length, os.SEEK_CUR)
        if flags & _ENCRYPTED:
            raise PackageRejected(PackageProblem.UNSUPPORTED, "The package is encrypted.")
        if _MAX_32 in (compressed_size, size, offset):
            raise PackageRejected(PackageProblem.UNSUPPORTED, "The package is a Zip64 archive.")
        _check_name(name)
        if disk or offset + compressed_size > end:
            raise corrupt(f"{truncate(name)!r} is not in it")
        yield ArchiveEntry(name, method, crc, compressed_size, size, offset)
    if at != end:
        raise corrupt("its directory has more entries than its last record says")


def _decode_name(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & _UTF_8 else "cp437", "replace")


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if not name or "\0" in name or ".." in parts or not parts[0] or ":" in parts[0]:
        raise _unsafe(f"The package has a file whose name leaves its folder: {truncate(name)!r}.")
