"""Opens the resolvers' context for one request, or for one event of a stream."""

import hashlib
from datetime import datetime
from typing import NamedTuple, Self

from starlette.requests import HTTPConnection

from db.core.read_session import ReadSession
from domain.rate_limits import NEW_DOCUMENTS, PERSISTED_QUERIES, RateLimit
from domain.request_stats import RequestStatistics
from domain.viewer import Viewer
from loaders import Loaders
from resolvers.context import Context
from server.auth.tokens import parse_bearer_token
from server.caching.request_cache import RequestCache
from server.http.client_address import address_key
from server.http.headers import get_headers
from server.http.request_log import get_request_id
from server.observability.deprecated_usage import get_client_name
from server.observability.error_log import bind_fields
from server.settings import Settings
from server.state import AppState


class RequestInfo(NamedTuple):
    """What the headers of a request or WebSocket handshake state. The token is verified on use.

    `last_event_id`: the id of the last event that the client received. `no_cache`: Cache-Control has no-cache.
    """

    state: AppState
    request_id: str
    authorization: str | None
    client: str
    debug: bool
    address: str | None = None
    last_event_id: int | None = None
    no_cache: bool = False

    @classmethod
    def from_connection(cls, connection: HTTPConnection) -> Self:
        scope = connection.scope
        headers, state = get_headers(scope), scope["state"]["shinjp"]
        authorization = headers.get(b"authorization")
        return cls(
            state,
            get_request_id(connection),
            None if authorization is None else authorization.decode("latin-1"),
            get_client_name(headers),
            headers.get(b"x-debug-stats") == b"1",
            state.trusted_proxies.get_client_address(scope),
            _parse_event_id(headers.get(b"last-event-id")),
            b"no-cache" in headers.get(b"cache-control", b""),
        )

    def with_authorization(self, authorization: str | None) -> Self:
        """Replace the header, which WebSocket clients send in connection_init."""
        return self._replace(authorization=authorization)

    async def expires_at(self) -> datetime | None:
        """Return when the token expires; None without a token. Raises Unauthenticated."""
        token = parse_bearer_token(self.authorization)
        return None if token is None else (await self.state.tokens.verify(token)).expires_at

    async def viewer(self) -> Viewer | None:
        """Authenticate the client; None without a token. Raises Unauthenticated for an invalid token."""
        token = parse_bearer_token(self.authorization)
        if token is None:
            return None
        claims = await self.state.tokens.verify(token)
        viewer = await self.state.viewer_cache.get(claims, self.address, self.client)
        bind_fields(viewer=str(viewer.id))
        return viewer

    async def client_id(self) -> str:
        """Return the rate limiter's key: the viewer, or the address of an anonymous client. Raises Unauthenticated."""
        viewer = await self.viewer()
        return address_key(self.address) if viewer is None else viewer.client_id

    async def acquire(self, limit: RateLimit, *, token: str | None = None, bytes: int = 0) -> None:
        """Count one use of the client's rate limit. Raises RateLimited."""
        await self.state.services.rate_limits.acquire(limit, await self.client_id(), token=token, bytes=bytes)

    async def admit_persisted_query(self, hash: str, bytes: int) -> None:
        """Raises RateLimited for a client that stored too many persisted queries."""
        await self.acquire(PERSISTED_QUERIES, token=hash, bytes=bytes)

    async def admit_new_document(self, text: str) -> str:
        """Return the client's id. Raises RateLimited for a client that sent too many documents new to this process."""
        token = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        client = await self.client_id()
        await self.state.services.rate_limits.acquire(NEW_DOCUMENTS, client, token=token)
        return client

    def record_deprecated_usage(self, coordinates: tuple[str, ...]) -> None:
        self.state.deprecated_usage.record(coordinates, self.client)


class open_context:
    """For `async with`: authenticate the client and return a context; on exit, cancel loads in flight.

    Raises Unauthenticated.
    """

    __slots__ = ("_loaders", "_request_info")

    def __init__(self, request_info: RequestInfo) -> None:
        self._request_info = request_info

    async def __aenter__(self) -> Context:
        request_info = self._request_info
        state = request_info.state
        viewer = await request_info.viewer()
        is_admin = viewer is not None and viewer.is_admin
        statistics = RequestStatistics()
        reads = ReadSession(state.services.database, viewer, statistics, request_id=request_info.request_id)
        self._loaders = Loaders(reads)
        return Context(
            request_id=request_info.request_id,
            services=state.services,
            reads=reads,
            loaders=self._loaders,
            statistics=statistics,
            show_statistics=request_info.debug and (state.settings.is_development or is_admin),
            introspection=may_introspect(state.settings, viewer),
            last_event_id=request_info.last_event_id,
            cache=_build_request_cache(request_info, reads),
        )

    async def __aexit__(self, *_: object) -> None:
        await self._loaders.close()


def may_introspect(settings: Settings, viewer: Viewer | None) -> bool:
    """Whether the viewer may introspect the schema. Administrators always may."""
    return settings.public_introspection or (viewer is not None and viewer.is_admin)


def _build_request_cache(request_info: RequestInfo, reads: ReadSession) -> RequestCache | None:
    """Return None without a field cache, or for an administrator's request with no-cache."""
    services, viewer = request_info.state.services, reads.viewer
    if services.field_cache is None or (request_info.no_cache and viewer is not None and viewer.is_admin):
        return None
    return RequestCache(services.field_cache, services, request_info.state.settings, reads, request_info.request_id)


def _parse_event_id(value: bytes | None) -> int | None:
    """Return None for an id of another server: the stream then starts with the current state."""
    return int(value) if value is not None and value.isdigit() and len(value) < 19 else None
