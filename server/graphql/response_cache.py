"""Caches how to assemble entirely public responses, keyed by the hash of the request body.

A hit still authenticates the client and looks up every value in the field cache. It skips parsing, planning and opening
a context, which is half of the cost of such a response.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import is_
from typing import NamedTuple, Self

from cache.metrics import CacheOutcome
from cache.redis.cost_limits import ClientBudget
from common.lru_cache import LRUCache, bytes_of
from domain.debug_options import NO_DEBUG_OPTIONS
from domain.errors import ClientError
from engine.caching.policy import CacheControl, CachedRootField
from engine.request.delivered_cost import CACHED_PART
from engine.request.used_parts import UsedParts
from server.context import RequestInfo
from server.graphql.document_source import is_admitted, record_source
from server.graphql.handler import GraphQLResponse
from server.http.compression import BEST_LEVEL, MIN_BYTES, gzip_body
from server.observability.error_log import bind_fields

# Memory of an entry and of each of its parts, in addition to their strings.
_ENTRY_BYTES = 600
_PART_BYTES = 150
# Of a coordinate, whose string all documents share.
_COORDINATE_BYTES = 8
# Hashing a shorter body takes longer than looking it up.
_MAX_UNHASHED_BYTES = 512


class RequestKey(NamedTuple):
    """The body of a POST or QUERY, or the hash of a long one, and the negotiated media type.

    Request bodies may be long, and many Accept headers negotiate the same media type. No JSON body equals the hash of
    another one.
    """

    body: bytes
    media_type: str

    @classmethod
    def from_body(cls, body: bytes, media_type: str) -> Self:
        return cls(body if len(body) <= _MAX_UNHASHED_BYTES else hashlib.sha256(body).digest(), media_type)


@dataclass(frozen=True, slots=True)
class _Entry:
    """The cached values of a response, in response order, and what the log and metrics record of its operation.

    `document_id`: of a trusted document.
    """

    parts: Sequence[CachedRootField]
    operation: str | None
    kind: str
    used: UsedParts
    used_inputs: Sequence[str]
    document_id: str | None = None
    compressed: "_CompressedBody | None" = None


class _CompressedBody(NamedTuple):
    """A gzip-compressed body. Valid as long as the field cache returns the same `values`, compared by identity."""

    values: Sequence[bytes]
    body: bytes

    @property
    def size(self) -> int:
        return len(self.body) + sum(map(len, self.values))


class CachedResponse(NamedTuple):
    """Either `body`, or, for a client that accepts gzip and a long body, only `compressed`."""

    body: bytes
    freshness: CacheControl
    compressed: bytes | None
    budget: ClientBudget | None


class ResponseCache:
    """LRU cache of one process, bounded by bytes. Responses longer than `max_body_bytes` are not served from it."""

    def __init__(self, *, max_bytes: int, max_body_bytes: int) -> None:
        self._max_body_bytes = max_body_bytes
        self._entries: LRUCache[RequestKey, _Entry] = LRUCache(max_bytes, _entry_bytes)

    def __contains__(self, key: RequestKey) -> bool:
        return key in self._entries

    def put(self, key: RequestKey, response: GraphQLResponse, request_info: RequestInfo) -> None:
        """Cache the response if all of it is public and nothing in it depends on the client."""
        if not response.parts:
            return
        settings = request_info.state.settings
        if any(request_info.debug) or settings.cache_shadow_sample_rate or settings.cache_surrogate_keys:
            return
        operation = response.operation
        self._entries[key] = _Entry(
            response.parts,
            operation.name,
            operation.kind,
            operation.document.used,
            operation.used_inputs,
            response.document_id,
        )

    async def get(self, key: RequestKey, request_info: RequestInfo, *, gzip: bool) -> CachedResponse | None:
        """Return None if the request has to be executed, or its client cannot be authenticated. Raises CostLimited."""
        entry = self._entries.get(key)
        if entry is None or request_info.debug != NO_DEBUG_OPTIONS or request_info.no_cache:
            return None
        cache = request_info.state.services.field_cache
        if cache is None:
            return None
        try:
            account = await request_info.account()
        except ClientError:
            return None
        viewer = None if account is None else account.viewer
        # Execution rejects deleted accounts.
        if account is not None and (account.deletion is not None or account.viewer.is_editor):
            return None
        if not is_admitted(request_info, viewer, entry.document_id):
            return None
        values: list[bytes] = []
        size = 0
        computed_at = fresh_until = math.inf
        for part in entry.parts:
            found = cache.get_local(part.key)
            if found is None or not found[1]:
                return None
            cached, _ = found
            template = cached.value
            if template.is_null or template.holes:
                return None
            value = template.chunks[0]
            values.append(value)
            size += len(value)
            # Not `min`, which takes three times as long.
            if cached.computed_at < computed_at:
                computed_at = cached.computed_at
            if cached.fresh_until < fresh_until:
                fresh_until = cached.fresh_until
        if size > self._max_body_bytes:
            # Execution responds with the error.
            return None
        budget = request_info.budget(account)
        if budget is not None:
            units = CACHED_PART * len(entry.parts)
            # Most clients have a lease, and need no coroutine.
            if not budget.reserve_leased(units):
                await budget.reserve(units)
        for part in entry.parts:
            cache.metrics.count(part.coordinates, CacheOutcome.HIT, 0)
        record_source(request_info, viewer, entry.document_id, "")
        bind_fields(operation=entry.operation, kind=entry.kind)
        request_info.record_usage(entry.used, entry.used_inputs, entry.document_id, viewer)
        freshness = CacheControl(computed_at, fresh_until, is_private=False)
        if gzip and size >= MIN_BYTES:
            return CachedResponse(b"", freshness, await self._compress(key, entry, values), budget)
        return CachedResponse(_build_body(entry, values), freshness, None, budget)

    async def _compress(self, key: RequestKey, entry: _Entry, values: Sequence[bytes]) -> bytes:
        """Return the compressed body, which is cached for the same values."""
        cached = entry.compressed
        if cached is not None and all(map(is_, cached.values, values)):
            return cached.body
        compressed = _CompressedBody(values, await gzip_body(_build_body(entry, values), BEST_LEVEL))
        self._entries[key] = replace(entry, compressed=compressed)
        return compressed.body


def _build_body(entry: _Entry, values: Sequence[bytes]) -> bytes:
    fields = [b'"%s":%b' % (part.response_key, value) for part, value in zip(entry.parts, values, strict=True)]
    return b'{"data":{%b}}' % b",".join(fields)


def _entry_bytes(key: RequestKey, entry: _Entry) -> int:
    """Media types and coordinates are shared with the schema, and not counted."""
    parts = sum(_PART_BYTES + bytes_of(part.response_key, part.key) for part in entry.parts)
    compressed = 0 if entry.compressed is None else entry.compressed.size
    used = _COORDINATE_BYTES * (len(entry.used.coordinates) + len(entry.used_inputs))
    return _ENTRY_BYTES + bytes_of(key.body, entry.document_id, entry.operation) + used + parts + compressed
