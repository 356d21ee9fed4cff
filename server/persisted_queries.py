"""Automatic persisted queries: a client sends the hash of a document that it sent before, short enough for a GET."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from typing import Any

from cache.client import CacheUnavailable, RedisClient
from domain.errors import BadUserInput, ClientError, ErrorCode
from execution.latest import Latest
from server.http.requests import GraphQLRequest

MAX_BYTES = 16 * 1024 * 1024
# A document that nobody has asked for in so long is sent once more.
_SECONDS = 30 * 24 * 60 * 60


class PersistedQueryNotFound(ClientError):
    """No document has this hash. Clients send it then with its text."""

    code = ErrorCode.PERSISTED_QUERY_NOT_FOUND


class PersistedQueryNotSupported(ClientError):
    """Another version of the protocol."""

    code = ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED


class PersistedQueries:
    """Documents by their SHA-256: the latest in this process, and all of them in Redis for all processes."""

    def __init__(self, redis: RedisClient | None) -> None:
        self._redis = redis
        self._texts: Latest[str, str] = Latest(max_bytes=MAX_BYTES)

    async def resolved(self, request: GraphQLRequest) -> GraphQLRequest:
        """The request with its document. Raises PersistedQueryNotFound, PersistedQueryNotSupported, BadUserInput."""
        hash = _hash_of(request.extensions)
        if hash is None:
            return request
        if request.query:
            if hashlib.sha256(request.query.encode("utf-8", "surrogatepass")).hexdigest() != hash:
                raise BadUserInput("extensions.persistedQuery.sha256Hash: it is not the hash of `query`.")
            return request
        text = self._texts.get(hash)
        if text is None:
            text = await self._shared(hash)
            if text is None:
                raise PersistedQueryNotFound("PersistedQueryNotFound")
            self._remember(hash, text)
        return replace(request, query=text)

    async def keep(self, request: GraphQLRequest) -> None:
        """The document of a request that came with both. It is valid: others are not worth the room."""
        hash = _hash_of(request.extensions)
        if hash is not None and self._texts.get(hash) is None:
            self._remember(hash, request.query)
            if self._redis is not None:
                with suppress(CacheUnavailable):
                    await self._redis.send([("SET", _key(hash), request.query, "EX", _SECONDS)])

    async def _shared(self, hash: str) -> str | None:
        if self._redis is not None:
            with suppress(CacheUnavailable):
                [found] = await self._redis.send([("GETEX", _key(hash), "EX", _SECONDS)])
                return found.decode() if found is not None else None
        return None

    def _remember(self, hash: str, text: str) -> None:
        self._texts.put(hash, text, len(text.encode()))


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


def _key(hash: str) -> str:
    return f"shinjp:persisted-query:{hash}"
