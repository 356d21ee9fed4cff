"""Decompresses an entry of an archive, counting what comes out instead of believing what the headers say."""

import sys
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from content.anki.archive import ArchiveEntry, corrupt, data_offset
from content.anki.rejections import PackageProblem, PackageRejected

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_CHUNK = 256 * 1024
_STORED, _DEFLATED = 0, 8
# Memory of a decompressor; frames of Anki need 2 to 8 MiB.
_MAX_WINDOW_LOG = 25
# SQLite databases shrink to a third or a tenth; more than this is one value, repeated.
_MAX_RATIO = 200
_RATIO_FROM_BYTES = 64 * 1024 * 1024


def read_entry(file: BinaryIO, entry: ArchiveEntry, max_bytes: int) -> Iterator[bytes]:
    """The data of an entry in pieces. Raises PackageRejected if it is damaged, or larger than `max_bytes`."""
    compressed = _read_compressed(file, entry)
    if entry.method == _STORED:
        pieces = compressed
    elif entry.method == _DEFLATED:
        pieces = _inflate(compressed)
    else:
        raise PackageRejected(
            PackageProblem.UNSUPPORTED, f"{entry.name} is compressed by method {entry.method}, which Anki does not use."
        )
    size = crc = 0
    for piece in limit_size(pieces, entry.compressed_size, max_bytes):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        yield piece
    if size != entry.size or crc != entry.crc:
        raise corrupt(f"the checksum of {entry.name} is wrong")


def decompress_zstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """One frame of Zstandard. Raises PackageRejected for a damaged frame, or one that needs much memory."""
    decompressor = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _MAX_WINDOW_LOG})
    try:
        for piece in pieces:
            if decompressor.eof:
                raise corrupt("it continues after its compressed collection")
            yield decompressor.decompress(piece, _CHUNK)
            while not decompressor.needs_input and not decompressor.eof:
                yield decompressor.decompress(b"", _CHUNK)
    except zstd.ZstdError as error:
        if "memory" in str(error):
            raise PackageRejected(
                PackageProblem.TOO_LARGE,
                f"Decompressing the collection takes more than {1 << _MAX_WINDOW_LOG >> 20} MiB of memory.",
            ) from error
        raise corrupt("its compressed collection cannot be read") from error
    if not decompressor.eof or decompressor.unused_data:
        raise corrupt("its compressed collection is incomplete")


def limit_size(pieces: Iterator[bytes], compressed_size: int, max_bytes: int) -> Iterator[bytes]:
    """Raises PackageRejected at the first piece beyond the limit."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes or (size > _RATIO_FROM_BYTES and size > _MAX_RATIO * compressed_size):
            raise PackageRejected(
                PackageProblem.TOO_LARGE, f"The collection is larger than the limit of {max_bytes >> 20:,} MiB."
            )
        yield piece


def _read_compressed(file: BinaryIO, entry: ArchiveEntry) -> Iterator[bytes]:
    file.seek(data_offset(file, entry))
    left = entry.compressed_size
    while left:
        piece = file.read(min(left, _CHUNK))
        if not piece:
            raise corrupt(f"{entry.name} is incomplete")
        left -= len(piece)
        yield piece


def _inflate(pieces: Iterator[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in pieces:
            if decompressor.eof:
                raise corrupt("it continues after its compressed collection")
            yield decompressor.decompress(piece, _CHUNK)
            while decompressor.unconsumed_tail:
                yield decompressor.decompress(decompressor.unconsumed_tail, _CHUNK)
        # What did not fit into the last piece.
        yield decompressor.flush()
    except zlib.error as error:
        raise corrupt("its compressed collection cannot be read") from error
    if not decompressor.eof:
        raise corrupt("its compressed collection is incomplete")
