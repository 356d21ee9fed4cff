"""Automatic persisted queries: clients send the SHA-256 of a document instead of the document."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple

from cache.keys import PERSISTED_QUERY_TTL_SECONDS, persisted_query
from cache.redis.client import CacheUnavailable, RedisClient
from common.lru_cache import LRUCache, bytes_of
from common.text import hash_document
from domain.errors import BadUserInput, ClientError, ErrorCode
from server.http.request import GraphQLRequest
from server.settings import Settings

MAX_DOCUMENT_BYTES = 64 * 1024
# How often a process resets the time to live in Redis of a document that it uses.
_RENEW_SECONDS = 60 * 60

# Memory of a cached document, in addition to its strings.
_DOCUMENT_BYTES = 100


class PersistedQueryNotFound(ClientError):
    """No stored document has the hash. Clients then send it with the document."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND


class PersistedQueryNotSupported(ClientError):
    """The request uses another version of the protocol."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED


class _CachedDocument(NamedTuple):
    """A document, and the monotonic time at which its time to live in Redis is reset."""

    text: str
    renew_at: float


class PersistedQueries:
    """Documents by SHA-256, stored in Redis for all processes, with a local LRU cache."""

    def __init__(self, redis: RedisClient | None, settings: Settings) -> None:
        self._redis = redis
        self._documents: LRUCache[str, _CachedDocument] = LRUCache(
            settings.persisted_query_cache_bytes, lambda hash, cached: _DOCUMENT_BYTES + bytes_of(hash, cached.text)
        )
        self._max_bytes = settings.max_query_bytes

    async def resolve(self, request: GraphQLRequest) -> GraphQLRequest:
        """Fill in the document. Raises PersistedQueryNotFound, PersistedQueryNotSupported, BadUserInput."""
        hash = _parse_hash(request.extensions)
        if hash is None:
            return request
        if request.query:
            if hash_document(request.query) != hash:
                raise BadUserInput("`extensions.persistedQuery.sha256Hash` is not the hash of `query`.")
            _check_size(request.query, self._max_bytes)
            return request
        cached = self._documents.get(hash)
        text = cached.text if cached is not None else await self._get_from_redis(hash)
        if text is None:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        if cached is None:
            self._put_local(hash, text)
        elif cached.renew_at <= time.monotonic():
            await self._put(hash, text)
        return request._replace(query=text)

    async def store(self, request: GraphQLRequest, admit: Callable[[str, int], Awaitable[None]]) -> None:
        """Store the document of a valid request that has both document and hash.

        `admit` is called with the hash and bytes of a new document, and raises RateLimited to refuse it.
        """
        hash = _parse_hash(request.extensions)
        if hash is None or hash in self._documents:
            return
        if await self._get_from_redis(hash) is None:
            await admit(hash, len(request.query.encode()))
        await self._put(hash, request.query)

    async def _get_from_redis(self, hash: str) -> str | None:
        if self._redis is not None:
            with suppress(CacheUnavailable):
                [found] = await self._redis.pipeline(
                    [("GETEX", persisted_query(hash), "EX", PERSISTED_QUERY_TTL_SECONDS)]
                )
                return found.decode() if found is not None else None
        return None

    async def _put(self, hash: str, text: str) -> None:
        self._put_local(hash, text)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                await self._redis.pipeline([("SET", persisted_query(hash), text, "EX", PERSISTED_QUERY_TTL_SECONDS)])

    def _put_local(self, hash: str, text: str) -> None:
        self._documents[hash] = _CachedDocument(text, time.monotonic() + _RENEW_SECONDS)


def _check_size(text: str, max_bytes: int) -> None:
    """`max_bytes`: the limit for any document; a longer one is refused by the document cache."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if MAX_DOCUMENT_BYTES < size <= max_bytes:
        raise BadUserInput(
            f"`query` has {size} bytes; the limit for persisted queries is {MAX_DOCUMENT_BYTES}. "
            "Send it without `extensions.persistedQuery`."
        )


def _parse_hash(extensions: dict[str, Any]) -> str | None:
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        # Defined by the protocol: some clients check the message instead of the code.
        raise PersistedQueryNotSupported("PersistedQueryNotSupported")
    hash = persisted.get("sha256Hash")
    if not isinstance(hash, str) or len(hash) != 64 or not set(hash) <= set("0123456789abcdef"):
        raise BadUserInput("`extensions.persistedQuery.sha256Hash` must be a SHA-256 in lower-case hexadecimal.")
    return hash
