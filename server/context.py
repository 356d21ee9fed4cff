"""The context of one request, or of one event of a stream: who asks, and what resolvers work with."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from starlette.requests import HTTPConnection

from db.core.read_session import ReadSession
from domain.rate_limits import NEW_DOCUMENTS, PERSISTED_QUERIES, RateLimit
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from loaders import Loaders
from resolvers.context import Context
from server.auth.tokens import bearer_token
from server.graphql.request_cache import RequestCache
from server.graphql.usage import client_name
from server.http.client_address import address_key
from server.http.headers import get_header, get_headers
from server.http.request_log import get_request_id
from server.observability.error_log import bind_fields
from server.settings import Settings
from server.state import State


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, before it is checked: of a request, or of a WebSocket for as long as it is open.

    `last_event_id`: the event of a subscription that they had last. `no_cache`: they want nothing from the cache.
    """

    state: State
    request_id: str
    authorization: str | None
    client: str
    debug: bool
    address: str | None = None
    last_event_id: int | None = None
    no_cache: bool = False

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        scope = connection.scope
        headers, state = get_headers(scope), scope["state"]["shinjp"]
        return cls(
            state,
            get_request_id(connection),
            get_header(scope, b"authorization"),
            client_name(headers),
            headers.get(b"x-debug-stats") == b"1",
            state.trusted_proxies.get_client_address(scope),
            _event_id(get_header(scope, b"last-event-id")),
            b"no-cache" in headers.get(b"cache-control", b""),
        )

    def with_authorization(self, authorization: str | None) -> Self:
        """A WebSocket brings it in its first message."""
        return replace(self, authorization=authorization)

    async def expires_at(self) -> datetime | None:
        """When they have to sign in again; None where nobody is signed in. Raises Unauthenticated."""
        token = bearer_token(self.authorization)
        return None if token is None else (await self.state.tokens.verify(token)).expires_at

    async def viewer(self) -> Viewer | None:
        """Raises Unauthenticated when there is a token that is not valid. Without a token nobody is signed in."""
        token = bearer_token(self.authorization)
        if token is None:
            return None
        claims = await self.state.tokens.verify(token)
        viewer = await self.state.viewers.viewer(claims, self.address)
        bind_fields(viewer=str(viewer.id))
        return viewer

    async def client_id(self) -> str:
        """By which limits are counted for each client: the viewer's, else the address. Raises Unauthenticated."""
        viewer = await self.viewer()
        return address_key(self.address) if viewer is None else viewer.client_id

    async def take(self, limit: RateLimit, *, token: str | None = None, bytes: int = 0) -> None:
        """Counts one use of a limit for each client: of the viewer, else of the address. Raises RateLimited."""
        await self.state.services.rate_limits.take(limit, await self.client_id(), token=token, bytes=bytes)

    async def admit_persisted_query(self, hash: str, bytes: int) -> None:
        """Raises RateLimited for a client that registered too many."""
        await self.take(PERSISTED_QUERIES, token=hash, bytes=bytes)

    async def admit_new_document(self, text: str) -> str:
        """The client, by its id. Raises RateLimited for one that sent too many documents that this process has not
        read yet.
        """
        token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        client = await self.client_id()
        await self.state.services.rate_limits.take(NEW_DOCUMENTS, client, token=token)
        return client


@asynccontextmanager
async def open_context(caller: Caller) -> AsyncIterator[Context]:
    """A context for as long as an operation runs; then whatever its loaders still do is stopped.

    Raises Unauthenticated.
    """
    state = caller.state
    statistics = RequestStatistics()
    viewer = await caller.viewer()
    is_admin = viewer is not None and viewer.is_admin
    reads = ReadSession(state.services.database, viewer, statistics)
    loaders = Loaders(reads)
    try:
        yield Context(
            request_id=caller.request_id,
            services=state.services,
            reads=reads,
            loaders=loaders,
            statistics=statistics,
            show_statistics=(state.settings.is_development or is_admin) and caller.debug,
            introspection=may_introspect(state.settings, viewer),
            last_event_id=caller.last_event_id,
            cache=_cache_for(caller, reads),
        )
    finally:
        await loaders.close()


def may_introspect(settings: Settings, viewer: Viewer | None) -> bool:
    """Whether they may see the whole schema. Administrators always may."""
    return settings.introspection_for_all or (viewer is not None and viewer.is_admin)


def _cache_for(caller: Caller, reads: ReadSession) -> RequestCache | None:
    """Administrators may say that they want nothing from it."""
    services, viewer = caller.state.services, reads.viewer
    if services.field_cache is None or (caller.no_cache and viewer is not None and viewer.is_admin):
        return None
    return RequestCache(services.field_cache, services, caller.state.settings, reads, caller.request_id)


def _event_id(value: str | None) -> int | None:
    """An id that this server did not give says nothing: the stream begins with the state now."""
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) < 19 else None
