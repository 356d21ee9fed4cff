"""Templates: completed values as JSON, with holes for per-viewer fields (donut caching)."""

from collections.abc import Sequence
from sys import getsizeof
from typing import NamedTuple
from uuid import UUID

import orjson

# Marks a hole: JSON never contains this byte.
_HOLE_MARK = b"\x00"

# Memory of a template and of a hole, without their bytes and paths.
_TEMPLATE_BYTES = 400
_HOLE_BYTES = 250


class Hole(NamedTuple):
    """The place of a per-viewer field in a public value.

    `field`: its index in `CachedField.holes`. `key`: of its loader; None if the field is resolved from the value's
    parent. `path`: from the value to the field.
    """

    field: int
    key: UUID | None
    path: tuple[str | int, ...]


def _hole_bytes(hole: Hole) -> int:
    return _HOLE_BYTES + getsizeof(hole.path) + sum(map(getsizeof, hole.path))


class Template:
    """A cached value without its per-viewer fields. Immutable. `fragment`: the whole value, if it has no holes.

    `length`: of its JSON. `size`: in memory.
    """

    __slots__ = ("chunks", "fragment", "holes", "length", "size")

    def __init__(self, chunks: Sequence[bytes], holes: Sequence[Hole]) -> None:
        self.chunks = chunks
        self.holes = holes
        self.fragment = None if holes else orjson.Fragment(chunks[0])
        self.length = sum(map(len, chunks))
        self.size = _TEMPLATE_BYTES + sum(map(getsizeof, chunks)) + sum(map(_hole_bytes, holes))

    @classmethod
    def of(cls, value: object) -> "Template":
        """Of a completed value with `Hole`s in it."""
        holes = HoleCollector()
        return cls.of_json(orjson.dumps(value, holes.add), holes)

    @classmethod
    def of_json(cls, encoded: bytes, holes: "HoleCollector") -> "Template":
        """Of JSON that was encoded with the collector as orjson's `default`."""
        return cls(encoded.split(_HOLE_MARK), holes.found)

    @property
    def is_null(self) -> bool:
        return self.chunks[0] == b"null"

    def encode(self) -> bytes:
        # orjson cannot encode asyncpg's subclass of UUID.
        holes = [(hole.field, hole.key and str(hole.key), hole.path) for hole in self.holes]
        return orjson.dumps(holes) + b"\n" + _HOLE_MARK.join(self.chunks)

    @classmethod
    def decode(cls, encoded: bytes) -> "Template":
        """Raises ValueError for anything that `encode` did not return."""
        header, _, chunks = encoded.partition(b"\n")
        holes = [
            Hole(field, None if key is None else UUID(key), tuple(path)) for field, key, path in orjson.loads(header)
        ]
        template = cls(chunks.split(_HOLE_MARK), holes)
        if len(template.chunks) != len(holes) + 1:
            raise ValueError(f"{len(holes)} holes do not stand between {len(template.chunks)} chunks.")
        return template


class HoleCollector:
    """Collects the holes that orjson meets, in their order."""

    def __init__(self) -> None:
        self.found: list[Hole] = []

    def add(self, value: object) -> orjson.Fragment:
        """For orjson's `default`, which it calls for named tuples."""
        if not isinstance(value, Hole):
            raise TypeError(f"{type(value).__name__} is not part of an answer")
        self.found.append(value)
        return orjson.Fragment(_HOLE_MARK)


class RenderedTemplate:
    """A template in one response. `slots`: for each hole a dictionary with the field's response key."""

    __slots__ = ("slots", "template")

    def __init__(self, template: Template) -> None:
        self.template = template
        self.slots: list[dict[str | int, object]] = [{} for _ in template.holes]

    def fragment(self) -> orjson.Fragment:
        chunks = self.template.chunks
        parts = [chunks[0]]
        for slot, hole, chunk in zip(self.slots, self.template.holes, chunks[1:], strict=True):
            parts.append(orjson.dumps(slot[hole.path[-1]], json_default))
            parts.append(chunk)
        return orjson.Fragment(b"".join(parts))

    def __getitem__(self, key: str | int) -> object:
        return _PathView(self, ())[key]

    def __setitem__(self, key: str | int, value: object) -> None:
        _PathView(self, ())[key] = value


class _PathView:
    """A position inside of a template, for access by path. It has the holes and the paths to them only."""

    __slots__ = ("_path", "_spliced")

    def __init__(self, json_default: RenderedTemplate, path: tuple[str | int, ...]) -> None:
        self._spliced = json_default
        self._path = path

    def __getitem__(self, key: str | int) -> object:
        slot = self._place(key)
        return _PathView(self._spliced, (*self._path, key)) if slot is None else slot[key]

    def __setitem__(self, key: str | int, value: object) -> None:
        slot = self._place(key)
        if slot is None:
            raise KeyError(key)
        slot[key] = value

    def _place(self, key: str | int) -> dict[str | int, object] | None:
        path = (*self._path, key)
        pairs = zip(self._spliced.slots, self._spliced.template.holes, strict=True)
        return next((slot for slot, hole in pairs if hole.path == path), None)


def json_default(value: object) -> object:
    """For orjson's `default`."""
    if isinstance(value, RenderedTemplate):
        return value.fragment()
    raise TypeError(f"{type(value).__name__} is not part of an answer")
