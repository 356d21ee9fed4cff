"""Cells of 64-bit floats, by key, in the memory of a process or in a file that others read.

An entry is a header with the lengths of its key and cells, the key, padded to a multiple of eight bytes, and the cells.
Entries are neither moved nor removed, and the number of used bytes at the start of the file includes only complete
ones: readers need no lock, and the cells of a killed process are complete.
"""

import mmap
import struct
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedRandom
from pathlib import Path
from typing import TypeAlias

from common.metrics.admitted_names import AdmittedNames

# Sparse: only used pages take memory. The series that clients can cause need less than half.
CAPACITY = 16 * 1024 * 1024
_USED = struct.Struct("<Q")
_HEADER = struct.Struct("<II")
_CELL = 8

Cells: TypeAlias = "memoryview[float]"
Entry: TypeAlias = tuple[bytes, Sequence[float]]


class CellStore:
    """The cells of one process. `file`: an empty one, opened for reading and writing; None: in memory only.

    `names`: those of clients that have series; None: those of this process.
    """

    def __init__(self, file: BufferedRandom | None = None, names: AdmittedNames | None = None) -> None:
        self.names = names or AdmittedNames()
        self._cells: dict[bytes, Cells] = {}
        self._map: mmap.mmap | None = None
        # Holds the lock of the file.
        self._file = file
        self._used = _USED.size
        # Series that only this process sees, because the file is full.
        self.hidden = 0
        if file is not None:
            file.truncate(CAPACITY)
            self._map = mmap.mmap(file.fileno(), CAPACITY)
            _USED.pack_into(self._map, 0, self._used)

    def cells(self, key: bytes, count: int) -> Cells:
        """The cells of a key, which are created with zeros. The event loop's thread alone writes them."""
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = self._allocate(key, count)
        return found

    def entries(self) -> list[Entry]:
        return [(key, cells.tolist()) for key, cells in self._cells.items()]

    def _allocate(self, key: bytes, count: int) -> Cells:
        start = self._used + _key_end(key)
        end = start + count * _CELL
        if self._map is None or end > CAPACITY:
            self.hidden += self._map is not None
            return memoryview(bytearray(count * _CELL)).cast("d")
        self._map[self._used : end] = _encode((key, [0.0] * count))
        self._used = end
        _USED.pack_into(self._map, 0, end)
        return memoryview(self._map)[start:end].cast("d")


def write_entries(path: Path, entries: Iterable[Entry]) -> None:
    """Write a complete file, of processes that have ended."""
    content = b"".join(map(_encode, entries))
    path.write_bytes(_USED.pack(_USED.size + len(content)) + content)


def read_entries(file: BufferedRandom) -> Iterator[Entry]:
    """Read the file of any process. What it writes meanwhile may be missing."""
    head = file.read(_USED.size)
    used = _USED.unpack(head)[0] if len(head) == _USED.size else _USED.size
    data = memoryview(file.read(used - _USED.size))
    position = 0
    while position < len(data):
        length, count = _HEADER.unpack_from(data, position)
        key = bytes(data[position + _HEADER.size : position + _HEADER.size + length])
        start = position + _key_end(key)
        position = start + count * _CELL
        yield key, data[start:position].cast("d").tolist()


def _encode(entry: Entry) -> bytes:
    key, values = entry
    padded = key.ljust(_key_end(key) - _HEADER.size)
    return _HEADER.pack(len(key), len(values)) + padded + struct.pack(f"={len(values)}d", *values)


def _key_end(key: bytes) -> int:
    """The offset of the cells in an entry."""
    return _HEADER.size + -(-len(key) // _CELL) * _CELL
