"""Finds the collection of a package and extracts it."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from content.anki.archive import ArchiveEntry, read_directory
from content.anki.decompression import decompress_zstd, limit_size, read_entry
from content.anki.protobuf import read_number
from content.anki.rejections import PackageProblem, PackageRejected
from domain.imports.records import ImportFormat

# 100,000 notes with 1,000,000 reviews take about 150 MiB.
MAX_COLLECTION_BYTES = 1024 * 1024 * 1024
_MAX_METADATA_BYTES = 1024
_METADATA = "meta"
_VERSION_FIELD = 1

# Newest first: newer packages also have a `collection.anki2` for older programs, with one note that says so.
COLLECTIONS = {
    "collection.anki21b": ImportFormat.ANKI21B,
    "collection.anki21": ImportFormat.ANKI21,
    "collection.anki2": ImportFormat.ANKI2,
}
# By the version that `meta` names. Packages without it are older.
_BY_VERSION = {1: "collection.anki2", 2: "collection.anki21", 3: "collection.anki21b"}


def extract_collection(package: Path, collection: Path, max_bytes: int = MAX_COLLECTION_BYTES) -> ImportFormat:
    """Write the database of a package to the file `collection`. Raises PackageRejected.

    Neither media nor other entries are decompressed.
    """
    with package.open("rb") as file:
        entries = read_directory(file)
        entry = _find_collection(file, entries)
        pieces = read_entry(file, entry, max_bytes)
        if COLLECTIONS[entry.name] is ImportFormat.ANKI21B:
            pieces = limit_size(decompress_zstd(pieces), entry.compressed_size, max_bytes)
        with collection.open("xb") as extracted:
            for piece in pieces:
                extracted.write(piece)
    return COLLECTIONS[entry.name]


def _find_collection(file: BinaryIO, entries: dict[str, ArchiveEntry]) -> ArchiveEntry:
    name = next((name for name in COLLECTIONS if name in entries), None)
    if _METADATA in entries:
        version = _read_version(read_entry(file, entries[_METADATA], _MAX_METADATA_BYTES))
        if version not in _BY_VERSION:
            raise PackageRejected(
                PackageProblem.UNSUPPORTED,
                f"The package is of version {version}, which a newer Anki wrote. "
                "Export it with the option “Support older Anki versions”.",
            )
        name = _BY_VERSION[version]
    if name is None or name not in entries:
        raise PackageRejected(PackageProblem.NOT_A_PACKAGE, "The file is no package of Anki: it has no collection.")
    return entries[name]


def _read_version(pieces: Iterator[bytes]) -> int:
    try:
        return read_number(b"".join(pieces), _VERSION_FIELD)
    except ValueError:
        return 0
