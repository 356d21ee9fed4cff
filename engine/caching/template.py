"""Completed values as JSON, with gaps for what is not the same for everybody."""

from collections.abc import Sequence
from sys import getsizeof
from typing import Any, NamedTuple
from uuid import UUID

import orjson

# In JSON no text has this byte: it stands for a gap.
_GAP = b"\x00"

# What a shell and a gap take in memory beside their bytes and the gap's path.
_SHELL_BYTES = 400
_GAP_BYTES = 250


class Gap(NamedTuple):
    """The place of a personal field in a shared value.

    `field`: which of the fields that were left out. `key`: what its loader is asked for; None: the field is answered
    from the value's own parent. `path`: the keys and indexes from the value to the field.
    """

    field: int
    key: UUID | None
    path: tuple[str | int, ...]


def _gap_bytes(gap: Gap) -> int:
    return _GAP_BYTES + getsizeof(gap.path) + sum(map(getsizeof, gap.path))


class Shell:
    """A value without what is personal. It is never changed. `fragment`: all of it, where nothing is left out.

    `length`: of its JSON. `size`: in memory.
    """

    __slots__ = ("fragment", "gaps", "length", "pieces", "size")

    def __init__(self, pieces: Sequence[bytes], gaps: Sequence[Gap]) -> None:
        self.pieces = pieces
        self.gaps = gaps
        self.fragment = None if gaps else orjson.Fragment(pieces[0])
        self.length = sum(map(len, pieces))
        self.size = _SHELL_BYTES + sum(map(getsizeof, pieces)) + sum(map(_gap_bytes, gaps))

    @classmethod
    def of(cls, value: object) -> "Shell":
        """A completed value, in which `Gap`s stand for what is left out."""
        gaps = Gaps()
        return cls.of_json(orjson.dumps(value, gaps.leave_out), gaps)

    @classmethod
    def of_json(cls, encoded: bytes, gaps: "Gaps") -> "Shell":
        """What was written with them."""
        return cls(encoded.split(_GAP), gaps.found)

    @property
    def is_null(self) -> bool:
        return self.pieces[0] == b"null"

    def encode(self) -> bytes:
        # asyncpg's UUIDs are of a class of their own.
        gaps = [(gap.field, gap.key and str(gap.key), gap.path) for gap in self.gaps]
        return orjson.dumps(gaps) + b"\n" + _GAP.join(self.pieces)

    @classmethod
    def decode(cls, encoded: bytes) -> "Shell":
        """Raises ValueError for what is none."""
        header, _, pieces = encoded.partition(b"\n")
        gaps = [
            Gap(field, None if key is None else UUID(key), tuple(path)) for field, key, path in orjson.loads(header)
        ]
        shell = cls(pieces.split(_GAP), gaps)
        if len(shell.pieces) != len(gaps) + 1:
            raise ValueError(f"{len(gaps)} gaps do not stand between {len(shell.pieces)} pieces.")
        return shell


class Gaps:
    """Those that are come upon while a value is written, in their order."""

    def __init__(self) -> None:
        self.found: list[Gap] = []

    def leave_out(self, value: object) -> orjson.Fragment:
        """For orjson's `default`: it writes no subclass of tuple by itself."""
        if not isinstance(value, Gap):
            raise TypeError(f"{type(value).__name__} is not part of an answer")
        self.found.append(value)
        return orjson.Fragment(_GAP)


class Spliced:
    """A shell in one answer, with a place for each gap: a dictionary with the field's own key."""

    __slots__ = ("places", "shell")

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.places: list[dict[str, Any]] = [{} for _ in shell.gaps]

    def fragment(self) -> orjson.Fragment:
        pieces = self.shell.pieces
        parts = [pieces[0]]
        for place, gap, piece in zip(self.places, self.shell.gaps, pieces[1:], strict=True):
            parts.append(orjson.dumps(place[gap.path[-1]], spliced))  # type: ignore[index]  # a field's key is a text
            parts.append(piece)
        return orjson.Fragment(b"".join(parts))

    def __getitem__(self, key: str | int) -> Any:
        return _Inside(self, ())[key]

    def __setitem__(self, key: str | int, value: object) -> None:
        _Inside(self, ())[key] = value


class _Inside:
    """A position in a shell, for who comes by the path: there are the gaps and the ways to them, and nothing else."""

    __slots__ = ("_path", "_spliced")

    def __init__(self, spliced: Spliced, path: tuple[str | int, ...]) -> None:
        self._spliced = spliced
        self._path = path

    def __getitem__(self, key: str | int) -> Any:
        place = self._place(key)
        return _Inside(self._spliced, (*self._path, key)) if place is None else place[str(key)]

    def __setitem__(self, key: str | int, value: object) -> None:
        place = self._place(key)
        if place is None:
            raise KeyError(key)
        place[str(key)] = value

    def _place(self, key: str | int) -> dict[str, Any] | None:
        path = (*self._path, key)
        pairs = zip(self._spliced.places, self._spliced.shell.gaps, strict=True)
        return next((place for place, gap in pairs if gap.path == path), None)


def spliced(value: object) -> object:
    """For orjson's `default`."""
    if isinstance(value, Spliced):
        return value.fragment()
    raise TypeError(f"{type(value).__name__} is not part of an answer")
