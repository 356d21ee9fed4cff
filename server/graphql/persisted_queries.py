"""Automatic persisted queries: a client sends the hash of a document that it sent before, short enough for a GET."""

import hashlib
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from cache.keys import PERSISTED_QUERY_TTL_SECONDS, persisted_query
from cache.redis.client import CacheUnavailable, RedisClient
from common.lru_cache import LRUCache, bytes_of
from domain.errors import BadUserInput, ClientError, ErrorCode
from server.http.request import GraphQLRequest
from server.settings import Settings

# Of one document, in UTF-8.
MAX_DOCUMENT_BYTES = 64 * 1024
# How often a process that has a document says in Redis that it is still asked for.
_RENEW_SECONDS = 60 * 60

# A _Known with its time, beside its text.
_KNOWN_BYTES = 100


class PersistedQueryNotFound(ClientError):
    """No document has this hash. Clients send it then with its text."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND


class PersistedQueryNotSupported(ClientError):
    """Another version of the protocol."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED


class _Known(NamedTuple):
    """A document, and when Redis is to be told that it is used."""

    text: str
    renew_at: float


class PersistedQueries:
    """Documents by their SHA-256: the latest in this process, and all of them in Redis for all processes."""

    def __init__(self, redis: RedisClient | None, settings: Settings) -> None:
        self._redis = redis
        self._documents: LRUCache[str, _Known] = LRUCache(
            settings.persisted_query_cache_bytes, lambda hash, known: _KNOWN_BYTES + bytes_of(hash, known.text)
        )
        self._max_bytes = settings.max_query_bytes

    async def resolved(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its document. Raises PersistedQueryNotFound, PersistedQueryNotSupported, BadUserInput."""
        hash = _hash_of(request.extensions)
        if hash is None:
            return request
        if request.query:
            if hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest() != hash:
                raise BadUserInput("extensions.persistedQuery.sha256Hash: it is not the hash of `query`.")
            _check_size(request.query, self._max_bytes)
            return request
        known = self._documents.get(hash)
        text = known.text if known is not None else await self._shared(hash)
        if text is None:
            raise PersistedQueryNotFound("PersistedQueryNotFound")
        if known is None:
            self._remember(hash, text)
        elif known.renew_at <= time.monotonic():
            await self._share(hash, text)
        return replace(request, query=text)

    async def keep(self, request: GraphQLRequest, admit: Callable[[str, int], Awaitable[None]]) -> None:
        """The document of a request that came with both. It is valid: others are not worth the room.

        `admit` is given the hash of a document that is new, and its bytes. Raises what it raises.
        """
        hash = _hash_of(request.extensions)
        if hash is None or hash in self._documents:
            return
        if await self._shared(hash) is None:
            await admit(hash, len(request.query.encode()))
        await self._share(hash, request.query)

    async def _shared(self, hash: str) -> str | None:
        if self._redis is not None:
            with suppress(CacheUnavailable):
                [found] = await self._redis.pipeline(
                    [("GETEX", persisted_query(hash), "EX", PERSISTED_QUERY_TTL_SECONDS)]
                )
                return found.decode() if found is not None else None
        return None

    async def _share(self, hash: str, text: str) -> None:
        self._remember(hash, text)
        if self._redis is not None:
            with suppress(CacheUnavailable):
                await self._redis.pipeline([("SET", persisted_query(hash), text, "EX", PERSISTED_QUERY_TTL_SECONDS)])

    def _remember(self, hash: str, text: str) -> None:
        self._documents.put(hash, _Known(text, time.monotonic() + _RENEW_SECONDS))


def _check_size(text: str, max_bytes: int) -> None:
    """`max_bytes`: of any document. What is beyond that is refused without this advice."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if MAX_DOCUMENT_BYTES < size <= max_bytes:
        raise BadUserInput(
            f"query: the document has {size} bytes; a persisted query can have {MAX_DOCUMENT_BYTES}. "
            "Send it without extensions.persistedQuery."
        )


def _hash_of(extensions: dict[str, Any]) -> str | None:
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        # This word is the protocol's: some clients look for it, and not at the code.
        raise PersistedQueryNotSupported("PersistedQueryNotSupported")
    hash = persisted.get("sha256Hash")
    if not isinstance(hash, str) or len(hash) != 64 or not set(hash) <= set("0123456789abcdef"):
        raise BadUserInput("extensions.persistedQuery.sha256Hash: a SHA-256 in lower-case hexadecimal is needed.")
    return hash
