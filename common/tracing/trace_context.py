"""The headers `traceparent` and `tracestate` of W3C Trace Context."""

import re
from collections.abc import Mapping
from typing import NamedTuple, Self

# Later versions may append fields. Version ff is invalid.
_PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_FIRST_VERSION_LENGTH = 55
# Printable characters, as many as every system has to forward.
_STATE = re.compile(rb"[\x20-\x7e]{1,512}")
_SAMPLED = 0x01
_BYTES = 16 + 8 + 1


class TraceContext(NamedTuple):
    """A span of any system. `state`: of tracing systems, passed on without being read."""

    trace_id: int
    span_id: int
    is_sampled: bool
    state: str = ""

    @classmethod
    def from_headers(cls, headers: Mapping[bytes, bytes]) -> Self | None:
        """Return None without a valid `traceparent`. `headers`: by lower-case name."""
        parent = headers.get(b"traceparent")
        if parent is None:
            return None
        found = _PARENT.fullmatch(parent)
        if found is None or (parent.startswith(b"00") and len(parent) != _FIRST_VERSION_LENGTH):
            return None
        trace_id, span_id = int(found[1], 16), int(found[2], 16)
        if not trace_id or not span_id:
            return None
        state = headers.get(b"tracestate", b"")
        accepted = state.decode() if _STATE.fullmatch(state) else ""
        return cls(trace_id, span_id, bool(int(found[3], 16) & _SAMPLED), accepted)

    @classmethod
    def from_fields(cls, fields: Mapping[str, object]) -> Self | None:
        """Like `from_headers`, of a JSON object in a message that has no headers."""
        given = {name: fields.get(name) for name in ("traceparent", "tracestate")}
        return cls.from_headers(
            {name.encode(): value.encode() for name, value in given.items() if isinstance(value, str)}
        )

    def to_headers(self) -> dict[str, str]:
        """Headers of a request that is part of the span."""
        headers = {"traceparent": f"00-{self.trace_id:032x}-{self.span_id:016x}-{int(self.is_sampled):02x}"}
        return headers | {"tracestate": self.state} if self.state else headers

    def to_bytes(self) -> bytes:
        """Without the state."""
        return self.trace_id.to_bytes(16, "big") + self.span_id.to_bytes(8, "big") + bytes((self.is_sampled,))

    @classmethod
    def from_bytes(cls, value: bytes) -> Self | None:
        """Return None for anything but what `to_bytes` returns."""
        if len(value) != _BYTES:
            return None
        return cls(int.from_bytes(value[:16], "big"), int.from_bytes(value[16:24], "big"), bool(value[24]))
