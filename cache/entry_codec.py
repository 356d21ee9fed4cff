"""Entries as Redis holds them."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the versions of its tags; when it was made, until when it is fresh, and until when it may be shown.

    All in seconds since 1970.
    """

    value: bytes
    versions: Mapping[str, str]
    made_at: float
    fresh_until: float
    stale_until: float

    def encode(self) -> bytes:
        return orjson.dumps([self.versions, self.made_at, self.fresh_until, self.stale_until]) + b"\n" + self.value

    @classmethod
    def decode(cls, encoded: bytes) -> "Entry":
        """Raises ValueError for what is none."""
        header, separator, value = encoded.partition(b"\n")
        if not separator:
            raise ValueError("There is no header.")
        versions, made_at, fresh_until, stale_until = orjson.loads(header)
        return cls(value, versions, made_at, fresh_until, stale_until)
