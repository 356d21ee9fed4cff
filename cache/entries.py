"""Entries as Redis holds them."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the versions of its tags, and until when (seconds since 1970) it is fresh, and may be shown."""

    value: bytes
    versions: Mapping[str, str]
    fresh_until: float
    stale_until: float

    def encode(self) -> bytes:
        return orjson.dumps([self.versions, self.fresh_until, self.stale_until]) + b"\n" + self.value

    @classmethod
    def decode(cls, encoded: bytes) -> "Entry":
        """Raises ValueError for what is none."""
        header, separator, value = encoded.partition(b"\n")
        if not separator:
            raise ValueError("There is no header.")
        versions, fresh_until, stale_until = orjson.loads(header)
        return cls(value, versions, fresh_until, stale_until)
