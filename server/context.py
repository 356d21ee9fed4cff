"""Opens the resolvers' context for one request, or for one event of a stream."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, Self

from starlette.requests import HTTPConnection
from starlette.types import Scope

from cache.redis.cost_limits import ClientBudget
from common.text import hash_document
from common.tracing.trace import current_trace
from db.core.read_session import ReadSession
from db.core.replication.position import UNKNOWN_POSITION, Position
from db.services.account_look_ups import Account
from domain.debug_options import NO_DEBUG_OPTIONS, DebugOptions
from domain.errors import AccountDeleted
from domain.rate_limits import NEW_DOCUMENTS, PERSISTED_QUERIES, RateLimit
from domain.request_stats import RequestStatistics
from domain.usage import ClientName, UsageSource
from domain.viewer import Viewer
from engine.request.used_parts import UsedParts
from loaders import Loaders
from resolvers.context import Context
from server.caching.request_cache import RequestCache
from server.http.admission import AdmissionClient
from server.http.client_address import address_key
from server.http.consistency import EXTENSION, get_consistency_token
from server.http.headers import get_headers
from server.observability.client_names import get_client_name
from server.observability.error_log import bind_fields
from server.settings import Settings
from server.state import AppState


class RequestInfo(NamedTuple):
    """What the headers of a request or WebSocket handshake state. The token is verified on use.

    `last_event_id`: the id of the last event that the client received. `no_cache`: Cache-Control has no-cache.
    `is_internal`: the server itself executes the operation. `debug`: what the viewer gets if they may.
    `consistency_token`: None without replicas.
    """

    state: AppState
    request_id: str
    authorization: str | None
    client: ClientName
    debug: DebugOptions = NO_DEBUG_OPTIONS
    address: str | None = None
    last_event_id: int | None = None
    no_cache: bool = False
    is_internal: bool = False
    consistency_token: str | None = None

    @classmethod
    def from_connection(cls, connection: HTTPConnection) -> Self:
        scope = connection.scope
        headers, request_state = get_headers(scope), scope["state"]
        state = request_state["shinjp"]
        authorization = headers.get(b"authorization")
        return cls(
            state,
            request_state["request_id"],
            None if authorization is None else authorization.decode("latin-1"),
            get_client_name(headers),
            _parse_debug_options(headers),
            state.trusted_proxies.get_client_address(scope),
            _parse_event_id(headers.get(b"last-event-id")),
            b"no-cache" in headers.get(b"cache-control", b""),
            consistency_token=None if state.services.replicas is None else get_consistency_token(connection),
        )

    def with_authorization(self, authorization: str | None) -> Self:
        """Replace the header, which WebSocket clients send in connection_init."""
        return self._replace(authorization=authorization)

    def with_extensions(self, extensions: Mapping[str, Any]) -> Self:
        """Replace the consistency token by that of the operation."""
        token = extensions.get(EXTENSION)
        if self.state.services.replicas is None or not isinstance(token, str):
            return self
        return self._replace(consistency_token=token)

    async def expires_at(self) -> datetime | None:
        """Return when the token expires; None without a token. Raises Unauthenticated."""
        authorization = self.authorization
        return None if authorization is None else (await self.state.tokens.authenticate(authorization)).expires_at

    async def viewer(self) -> Viewer | None:
        """Authenticate the client; None without a token.

        Raises Unauthenticated for an invalid token, AccountBlocked, and AccountDeleted.
        """
        account = await self.account()
        if account is None:
            return None
        if account.deletion is not None:
            raise AccountDeleted(account.deletion.requested_at, account.deletion.erased_at)
        return account.viewer

    async def account(self) -> Account | None:
        """Like `viewer`, but also return a deleted account."""
        if self.authorization is None:
            return None
        tokens, viewers = self.state.tokens, self.state.viewer_cache
        # Most requests need no coroutines.
        claims = tokens.verified(self.authorization) or await tokens.authenticate(self.authorization)
        client = self.client.name
        account = viewers.find_cached(claims, client)
        if account is None:
            account = await viewers.get_account(claims, self.address, client)
            if self.state.services.replicas is not None:
                self.state.services.replicas.record_sign_in(account.viewer.id)
        bind_fields(viewer=str(account.viewer.id))
        return account if claims.cost_plan is None else replace(account, cost_plan=claims.cost_plan)

    async def client_id(self) -> str:
        """Return the rate limiter's key: the viewer, or the address of an anonymous client. Raises Unauthenticated."""
        account = await self.account()
        return address_key(self.address) if account is None else account.viewer.client_id

    def admission_client(self) -> AdmissionClient:
        """Return what counts as one client during overload."""
        return _admission_client(self.state, self.authorization, self.address)

    def budget(self, account: Account | None) -> ClientBudget | None:
        """Return the client's units of cost; None if cost is not limited.

        The name that a client gives itself does not matter: with another one it would have another budget.
        """
        limits, plans = self.state.cost_limits, self.state.cost_plans
        if limits is None:
            return None
        if account is None:
            return ClientBudget(limits, address_key(self.address), plans.of(None))
        return ClientBudget(limits, account.viewer.client_id, plans.of(account.viewer, account.cost_plan))

    async def acquire(self, limit: RateLimit, *, token: str | None = None, bytes: int = 0) -> None:
        """Count one use of the client's rate limit. Raises RateLimited."""
        await self.state.services.rate_limits.acquire(limit, await self.client_id(), token=token, bytes=bytes)

    async def admit_persisted_query(self, hash: str, bytes: int) -> None:
        """Raises RateLimited for a client that stored too many persisted queries."""
        await self.acquire(PERSISTED_QUERIES, token=hash, bytes=bytes)

    async def admit_new_document(self, text: str) -> str:
        """Return the client's id. Raises RateLimited for a client that sent too many documents new to this process."""
        token = hash_document(text)[:32]
        client = await self.client_id()
        await self.state.services.rate_limits.acquire(NEW_DOCUMENTS, client, token=token)
        return client

    def record_usage(
        self, used: UsedParts, inputs: Sequence[str], document_id: str | None, viewer: Viewer | None
    ) -> None:
        """Count a use of a document. `inputs`: coordinates in its variables. `document_id`: of a trusted one."""
        if not self.is_internal:
            self.state.usage.record(
                used,
                inputs,
                document_id,
                self.client,
                lambda: (
                    UsageSource(address_key(self.address), is_viewer=False)
                    if viewer is None
                    else UsageSource(viewer.client_id, is_viewer=True)
                ),
            )


def admission_client_of(scope: Scope) -> AdmissionClient:
    """Return what counts as one client during overload, without other information about the request."""
    state = scope["state"]["shinjp"]
    authorization = get_headers(scope).get(b"authorization")
    decoded = None if authorization is None else authorization.decode("latin-1")
    return _admission_client(state, decoded, state.trusted_proxies.get_client_address(scope))


def _admission_client(state: AppState, authorization: str | None, address: str | None) -> AdmissionClient:
    """The subject of a token that was verified before, else the address: verifying a signature would cost more than a
    rejection may.
    """
    claims = None if authorization is None else state.tokens.verified(authorization)
    if claims is None:
        return AdmissionClient(address_key(address), signed_in=False)
    return AdmissionClient(claims.subject, signed_in=True)


class open_context:
    """For `async with`: authenticate the client and return a context; on exit, cancel loads in flight.

    `admits_deleted`: whether a deleted account is admitted too, as `Context.deletion` states then; the caller restricts
    what it runs. Raises Unauthenticated, AccountBlocked, and AccountDeleted.
    """

    __slots__ = ("_admits_deleted", "_loaders", "_request_info")

    def __init__(self, request_info: RequestInfo, *, admits_deleted: bool = False) -> None:
        self._request_info = request_info
        self._admits_deleted = admits_deleted

    async def __aenter__(self) -> Context:
        request_info = self._request_info
        state = request_info.state
        account = await request_info.account()
        viewer, deletion = (None, None) if account is None else (account.viewer, account.deletion)
        if deletion is not None and not self._admits_deleted:
            raise AccountDeleted(deletion.requested_at, deletion.erased_at)
        is_admin = viewer is not None and viewer.is_admin
        may_debug = state.settings.is_development or is_admin
        debug = request_info.debug if may_debug else NO_DEBUG_OPTIONS
        trace = current_trace()
        if any(debug) and trace is not None:
            trace.is_sampled, trace.is_requested = True, False
        ratio = state.settings.resolver_metrics_ratio
        if ratio and random.random() < ratio:  # noqa: S311  # no secret
            debug = debug._replace(fields=True)
        statistics = RequestStatistics(sql_names={} if debug.trace else None)
        reads = ReadSession(state.services.database, viewer, statistics, request_id=request_info.request_id)
        if request_info.consistency_token is not None:
            reads.after = Position.parse(request_info.consistency_token) or UNKNOWN_POSITION
        self._loaders = Loaders(reads, state.known_words)
        return Context(
            request_id=request_info.request_id,
            services=state.services,
            reads=reads,
            loaders=self._loaders,
            statistics=statistics,
            debug=debug,
            introspection=may_introspect(state.settings, viewer),
            last_event_id=request_info.last_event_id,
            cache=None if debug.fields else _build_request_cache(request_info, reads),
            deletion=deletion,
            budget=request_info.budget(account),
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


def _parse_debug_options(headers: Mapping[bytes, bytes]) -> DebugOptions:
    trace = headers.get(b"x-debug-trace")
    if trace is None and b"x-debug-stats" not in headers and b"x-trace-fields" not in headers:
        return NO_DEBUG_OPTIONS
    plans = trace == b"plans"
    return DebugOptions(
        headers.get(b"x-debug-stats") == b"1", headers.get(b"x-trace-fields") == b"1", plans or trace == b"1", plans
    )


def _parse_event_id(value: bytes | None) -> int | None:
    """Return None for an id of another server: the stream then starts with the current state."""
    return int(value) if value is not None and value.isdigit() and len(value) < 19 else None
