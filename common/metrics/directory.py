"""The directory in which the processes of a server share their metrics."""

import fcntl
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from io import BufferedRandom
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from common.metrics.admitted_names import AdmittedNames, read_names
from common.metrics.cells import CellStore, Entry, read_entries, write_entries
from common.metrics.merge import ProcessEntries, merge
from common.metrics.series import decode_series

_SUFFIX = ".cells"
# The key of an entry that names a file whose values this one includes.
_INCLUDES = b"includes "


class _File(NamedTuple):
    path: Path
    process: ProcessEntries
    includes: frozenset[str]


class MetricsDirectory:
    """Files of processes. Each is locked by its process, so that the kernel knows whether the process is alive.

    The values of dead processes move to one file whenever a process starts. That file names those that it includes: if
    they are not deleted, because the process is killed meanwhile, they count once nevertheless.

    The names of clients that have series remain as long as any process lives. When all have ended, the series of
    these names end, too, so that others can have theirs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = path / "names"
        path.mkdir(parents=True, exist_ok=True)

    def open_store(self) -> CellStore:
        """Create the file of this process."""
        with self._locked(fcntl.LOCK_EX):
            self._compact()
            file = (self._path / f"{uuid4().hex}{_SUFFIX}").open("x+b")
            fcntl.flock(file, fcntl.LOCK_EX)
            return CellStore(file, AdmittedNames(self._names))

    def read(self) -> list[ProcessEntries]:
        """The metrics of all processes, which take milliseconds to read."""
        with self._locked(fcntl.LOCK_SH):
            return [file.process for file in self._read_files()]

    def _read_files(self) -> list[_File]:
        files = [_read(path) for path in sorted(self._path.glob(f"*{_SUFFIX}"))]
        included = frozenset().union(*(file.includes for file in files))
        return [file for file in files if file.path.name not in included]

    def _compact(self) -> None:
        files = self._read_files()
        dead = [file for file in files if not file.process.is_alive]
        starts = len(dead) == len(files)
        ended = read_names(self._names) if starts else {}
        if len(dead) > 1 or (dead and ended):
            merged = merge(file.process for file in dead)
            entries: list[Entry] = [(key, values) for key, values in merged.items() if not _is_named(key, ended)]
            entries += [(_INCLUDES + file.path.name.encode(), ()) for file in dead]
            path = self._path / uuid4().hex
            write_entries(path, entries)
            path.rename(path.with_suffix(_SUFFIX))
        if starts:
            # After their series: whoever is killed in between leaves none without its name.
            self._names.unlink(missing_ok=True)
        # Including files that an earlier one includes.
        kept = {file.path for file in self._read_files()}
        for path in self._path.glob(f"*{_SUFFIX}"):
            if path not in kept:
                path.unlink()

    @contextmanager
    def _locked(self, operation: int) -> Iterator[None]:
        descriptor = os.open(self._path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, operation)
            yield
        finally:
            os.close(descriptor)


def _read(path: Path) -> _File:
    with path.open("rb+") as file:
        is_alive = not _try_lock(file)
        entries = list(read_entries(file))
    includes = frozenset(key[len(_INCLUDES) :].decode() for key, _ in entries if key.startswith(_INCLUDES))
    found = [
        (key, values)
        for key, values in entries
        if not key.startswith(_INCLUDES) and (is_alive or decode_series(key).kind.outlives_process)
    ]
    return _File(path, ProcessEntries(is_alive, found), includes)


def _is_named(key: bytes, names: Mapping[str, Collection[str]]) -> bool:
    """Whether one of the names is a label of the series."""
    return any(value in names.get(label, ()) for label, value in decode_series(key).labels.items())


def _try_lock(file: BufferedRandom) -> bool:
    """Whether no process has the lock."""
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
