"""The binary form of entries in Redis."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """An encoded value with the versions of its tags. Times are in seconds since 1970."""

    value: bytes
    versions: Mapping[str, str]
    computed_at: float
    fresh_until: float
    stale_until: float

    def encode(self) -> bytes:
        return orjson.dumps([self.versions, self.computed_at, self.fresh_until, self.stale_until]) + b"\n" + self.value

    @classmethod
    def decode(cls, encoded: bytes) -> "Entry":
        """Raises ValueError for malformed bytes."""
        header, separator, value = encoded.partition(b"\n")
        if not separator:
            raise ValueError("The header is missing.")
        versions, computed_at, fresh_until, stale_until = orjson.loads(header)
        return cls(value, versions, computed_at, fresh_until, stale_until)
