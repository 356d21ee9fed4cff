"""Names that clients choose and that have series of their own: the same ones in all processes of a server."""

import fcntl
from collections.abc import Collection, Iterable, Mapping
from io import BufferedRandom
from pathlib import Path
from typing import NamedTuple

import orjson


class NameGroup(NamedTuple):
    """Names that share a limit. `label`: of their series."""

    label: str
    name: str
    limit: int


class AdmittedNames:
    """A name is never displaced: its series would end in one process and continue in another, so that sums decrease.

    `path`: the file of all processes, which only grows; None: there is only this process.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._groups: dict[tuple[str, str], set[str]] = {}

    def count(self, group: NameGroup) -> int:
        """The number of names, as far as this process knows."""
        return len(self._names(group))

    def has(self, group: NameGroup, name: str) -> bool:
        """Whether this process knows the name. It reads those of others when it admits one."""
        return name in self._names(group)

    def admit(self, group: NameGroup, name: str) -> bool:
        """Whether the name has a series. The first ones of each group do."""
        if self.has(group, name):
            return True
        if self.count(group) >= group.limit:
            return False
        if self._path is None:
            self._names(group).add(name)
            return True
        try:
            with self._path.open("a+b") as file:
                # The event loop must not wait for a process that is stopped. The next use of the name does it.
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return self._admit_in(file, group, name)
        except OSError:
            return False

    def adopt(self, other: "AdmittedNames") -> None:
        """Admit the names of another, whose series continue here."""
        for (label, group), names in other._groups.items():
            for name in names:
                self.admit(NameGroup(label, group, len(names)), name)

    def _admit_in(self, file: BufferedRandom, group: NameGroup, name: str) -> bool:
        for label, kind, known in _read(file):
            self._groups.setdefault((label, kind), set()).add(known)
        names = self._names(group)
        if name in names:
            return True
        if len(names) >= group.limit:
            return False
        # A line that a killed process did not complete is invalid by itself.
        file.write(b"\n" + orjson.dumps([group.label, group.name, name]))
        names.add(name)
        return True

    def _names(self, group: NameGroup) -> set[str]:
        return self._groups.setdefault((group.label, group.name), set())


def read_names(path: Path) -> Mapping[str, Collection[str]]:
    """The admitted names by the label of their series."""
    found: dict[str, set[str]] = {}
    if path.exists():
        with path.open("rb+") as file:
            for label, _, name in _read(file):
                found.setdefault(label, set()).add(name)
    return found


def _read(file: BufferedRandom) -> Iterable[tuple[str, str, str]]:
    file.seek(0)
    for line in file.read().split(b"\n"):
        try:
            label, group, name = orjson.loads(line)
        except ValueError:
            continue
        yield label, group, name
