"""Requests that came before, byte by byte, and whose answers were values of the cache that are for everybody.

Who asks is checked, and each value is looked up, as ever. What is spared is reading the request again, and a context
for resolvers that nobody calls: half of what such an answer costs.
"""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import is_
from typing import Any, NamedTuple, Self

from cache.metrics import CacheOutcome
from common.lru_cache import LRUCache, bytes_of
from domain.errors import ClientError
from engine.caching.policy import CachedPart, Freshness
from server.context import Caller
from server.graphql.handler import Answer
from server.http.compression import BEST_LEVEL, MIN_BYTES, gzip_body
from server.observability.error_log import bind_fields

# A shortcut with its Freshness, and each of its parts, beside their texts.
_SHORTCUT_BYTES = 600
_PART_BYTES = 150


class Asked(NamedTuple):
    """What answers are equal for: the hash of a POST's body, and the media type that was negotiated.

    Bodies and Accept headers can be as long as a client likes, and many headers mean the same.
    """

    digest: bytes
    media_type: str

    @classmethod
    def by(cls, body: bytes, media_type: str) -> Self:
        return cls(hashlib.sha256(body).digest(), media_type)


@dataclass(frozen=True, slots=True)
class _Shortcut:
    """`parts`: of the answer, in their order."""

    parts: Sequence[CachedPart]
    operation: str | None
    kind: str
    deprecated: tuple[str, ...]
    compressed: "_Compressed | None" = None


class _Compressed(NamedTuple):
    """An answer by gzip, and the values that it was made of: it is right as long as they are these very objects."""

    values: Sequence[bytes]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + sum(map(len, self.values))


class ShortcutAnswer(NamedTuple):
    """`compressed`: the body by gzip, where that was asked for and it is long enough; then `body` is empty."""

    body: bytes
    freshness: Freshness
    compressed: bytes | None


class Shortcuts:
    """Of one process, the latest. `on_deprecated`: as `Pipeline` has it. `max_body_bytes`: of an answer."""

    def __init__(
        self, on_deprecated: Callable[[Any, tuple[str, ...]], None], *, max_bytes: int, max_body_bytes: int
    ) -> None:
        self._on_deprecated = on_deprecated
        self._max_body_bytes = max_body_bytes
        self._shortcuts: LRUCache[Asked, _Shortcut] = LRUCache(max_bytes, _bytes)

    def remember(self, asked: Asked, answer: Answer, caller: Caller) -> None:
        """Where all of the answer is for everybody, and nothing about it is for the caller alone."""
        if not answer.parts:
            return
        settings = caller.state.settings
        if caller.debug or settings.cache_shadow_share or settings.cache_surrogate_keys:
            return
        operation = answer.operation
        shortcut = _Shortcut(answer.parts, operation.name, operation.kind, operation.document.deprecated)
        self._shortcuts.put(asked, shortcut)

    async def answer(self, asked: Asked, caller: Caller, *, gzip: bool) -> ShortcutAnswer | None:
        """None where it has to be made as usual, or there is something to say about the caller."""
        shortcut = self._shortcuts.get(asked)
        if shortcut is None or caller.debug or caller.no_cache:
            return None
        cache = caller.state.services.field_cache
        if cache is None:
            return None
        try:
            viewer = await caller.viewer()
        except ClientError:
            return None
        if viewer is not None and viewer.is_editor:
            return None
        values = []
        made_at = fresh_until = math.inf
        for part in shortcut.parts:
            found = cache.get_local(part.key)
            if found is None or not found[1]:
                return None
            entry, _ = found
            shell = entry.value
            if shell.is_null or shell.gaps:
                return None
            values.append(shell.pieces[0])
            made_at, fresh_until = min(made_at, entry.computed_at), min(fresh_until, entry.fresh_until)
        size = sum(map(len, values))
        if size > self._max_body_bytes:
            # The usual way says so.
            return None
        for part in shortcut.parts:
            cache.metrics.count(part.coordinates, CacheOutcome.HIT, 0)
        bind_fields(operation=shortcut.operation, kind=shortcut.kind)
        if shortcut.deprecated:
            self._on_deprecated(caller, shortcut.deprecated)
        freshness = Freshness(made_at, fresh_until, is_private=False)
        if gzip and size >= MIN_BYTES:
            return ShortcutAnswer(b"", freshness, await self._compressed(asked, shortcut, values))
        return ShortcutAnswer(_body(shortcut, values), freshness, None)

    async def _compressed(self, asked: Asked, shortcut: _Shortcut, values: Sequence[bytes]) -> bytes:
        """Done once for the same values."""
        known = shortcut.compressed
        if known is not None and all(map(is_, known.values, values)):
            return known.body
        compressed = _Compressed(values, await gzip_body(_body(shortcut, values), BEST_LEVEL))
        self._shortcuts.put(asked, replace(shortcut, compressed=compressed))
        return compressed.body


def _body(shortcut: _Shortcut, values: Sequence[bytes]) -> bytes:
    fields = (b'"%s":%b' % (part.response_key, value) for part, value in zip(shortcut.parts, values, strict=True))
    return b'{"data":{%b}}' % b",".join(fields)


def _bytes(asked: Asked, shortcut: _Shortcut) -> int:
    """Types of media and coordinates are the server's own, and shared."""
    parts = sum(_PART_BYTES + bytes_of(part.response_key, part.key) for part in shortcut.parts)
    compressed = 0 if shortcut.compressed is None else shortcut.compressed.size
    return _SHORTCUT_BYTES + bytes_of(asked.digest, shortcut.operation, *shortcut.deprecated) + parts + compressed
