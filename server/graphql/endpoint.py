"""The GraphQL endpoint over HTTP: reads the request, executes or streams its operation, builds the response."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from cache.redis.cost_limits import ClientBudget
from common.text import truncate
from domain.cost_plans import CostPlan
from domain.errors import ClientError, CostLimited
from engine.request.request_errors import OperationNotAllowed
from server.context import RequestInfo
from server.error_format import error_dict, error_headers, format_request_error, http_status
from server.graphql.cost_charge import CostOptions
from server.graphql.event_response import build_stream_response
from server.graphql.handler import GraphQLHandler, GraphQLResponse
from server.graphql.response_body import Body
from server.graphql.response_cache import CachedResponse, RequestKey, ResponseCache
from server.graphql.source_events import KeepAlive
from server.graphql.subscriptions import StreamEvent, Subscriptions
from server.http import content_negotiation
from server.http.cache_headers import build_cache_headers, compute_etag, etag_matches, is_shareable
from server.http.cancellation import cancel_on_disconnect
from server.http.compression import accepts_gzip
from server.http.consistency import build_token_headers
from server.http.headers import get_header, get_headers
from server.http.multipart_request import parse_multipart
from server.http.origins import Origins
from server.http.rate_limit_headers import build_rate_limit_headers
from server.http.request import (
    POST_CONTENT_TYPES,
    QUERY_CONTENT_TYPES,
    GraphQLRequest,
    HTTPError,
    has_form,
    parse_get,
    parse_post,
    read_body,
)
from server.http.request_log import get_request_id
from server.http.responses import BytesResponse, Headers, get_accept_encoding
from server.observability.error_log import record_code


class GraphQLEndpoint:
    """ASGI application. `page` responds to browsers that request HTML."""

    def __init__(
        self,
        handler: GraphQLHandler,
        response_cache: ResponseCache,
        subscriptions: Subscriptions,
        page: Callable[[Request], Awaitable[Response]],
        *,
        origins: Origins,
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._handler = handler
        self._response_cache = response_cache
        self._subscriptions = subscriptions
        self._page = page
        self._origins = origins
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        accept = get_header(scope, b"accept")
        response: ASGIApp
        if request.method in _GET_METHODS and content_negotiation.prefers_html(accept) and not _has_document(request):
            response = await self._page(request)
        else:
            response = await self._respond(request, accept)
        await response(scope, receive, send)

    def has_cached_response(self, scope: Scope, body: bytes) -> bool:
        """Whether the response to a POST or QUERY with this body is cached; its values may have changed since."""
        media_type = content_negotiation.negotiate_response(get_header(scope, b"accept")).media_type
        return media_type is not None and RequestKey.from_body(body, media_type) in self._response_cache

    async def _respond(self, request: Request, accept: str | None) -> ASGIApp:
        media_type, stream_type = content_negotiation.negotiate_response(accept)
        request_info = RequestInfo.from_connection(request)
        try:
            if media_type is None and stream_type is None:
                raise HTTPError(f"None of the media types in Accept is supported: {truncate(accept or '')!r}.", 406)
            body = None if request.method in _GET_METHODS else await self._read_body(request)
            form = body is not None and has_form(request)
            key = None
            if body is not None and media_type is not None and not form:
                key = RequestKey.from_body(body, media_type)
            if key is not None:
                assert media_type is not None
                # A safe method needs the whole body for its ETag.
                gzip = request.method not in _SAFE_METHODS and accepts_gzip(get_accept_encoding(request.scope))
                cached = await self._response_cache.get(key, request_info, gzip=gzip)
                if cached is not None:
                    return _cached_response(cached, request, media_type)
            if body is None:
                parameters = parse_get(request, self._origins)
            else:
                parameters = parse_multipart(request, body, self._origins) if form else parse_post(body)
        except HTTPError as error:
            record_code(error.code, limit=error.limit)
            extensions = {"code": error.code} | ({} if error.limit is None else {"limit": error.limit})
            errors = [error_dict(error.message, extensions, request_info.request_id)]
            return _build_error_response(errors, media_type or content_negotiation.JSON, error.status, error.headers)
        except ClientError as error:
            return _error_response(error, request, media_type, stream_type)
        if stream_type is not None and (
            media_type is None or await self._handler.is_subscription(request_info, parameters)
        ):
            return await self._stream(request, request_info, parameters, stream_type, media_type)
        assert media_type is not None
        return await self._execute(request, request_info, parameters, media_type, key)

    def _read_body(self, request: Request) -> Awaitable[bytes]:
        """Return the body of a POST or QUERY. Raises HTTPError, also for other methods."""
        has_id = "document_id" in request.path_params
        if request.method == "POST" and not has_id:
            return read_body(request, self._max_body_bytes, POST_CONTENT_TYPES)
        if request.method == "QUERY" and not has_id:
            return read_body(request, self._max_body_bytes, QUERY_CONTENT_TYPES)
        allowed, usable = "GET, HEAD, POST, QUERY", "POST, QUERY or GET"
        if has_id:
            allowed, usable = "GET, HEAD", "GET, or send `documentId` to /graphql"
        headers = {"Allow": allowed, "Accept-Query": ", ".join(QUERY_CONTENT_TYPES)}
        raise HTTPError(f"Method {request.method} is not allowed; use {usable}.", 405, headers=headers)

    async def _execute(
        self,
        request: Request,
        request_info: RequestInfo,
        parameters: GraphQLRequest,
        media_type: str,
        key: RequestKey | None,
    ) -> ASGIApp:
        read_only = request.method in _SAFE_METHODS
        try:
            async with cancel_on_disconnect(request.receive, self._timeout_seconds) as deadline:
                response = await self._handler.execute(request_info, parameters, deadline, read_only=read_only)
            if key:
                self._response_cache.put(key, response, request_info)
            token_headers = []
            if response.consistency_token is not None:
                secure = not request_info.state.settings.is_development
                token_headers = build_token_headers(response.consistency_token, secure=secure)
            return _graphql_response(response, request, media_type, token_headers)
        except ClientDisconnect:
            raise
        except Exception as error:
            return _error_response(error, request, media_type)

    async def _stream(
        self,
        request: Request,
        request_info: RequestInfo,
        parameters: GraphQLRequest,
        stream_type: str,
        media_type: str | None,
    ) -> ASGIApp:
        read_only = request.method in _SAFE_METHODS
        try:
            loaded = await self._handler.load_operation(request_info, parameters, read_only=read_only)
            cost_options = CostOptions.parse(parameters.extensions)
        except Exception as error:
            return _error_response(error, request, media_type, stream_type)
        request_info = request_info.with_extensions(parameters.extensions)
        events = self._subscriptions.run(loaded, request_info, cost_options)
        headers = [] if loaded.notice is None else [*loaded.notice.headers]
        if loaded.budget is not None:
            headers += build_rate_limit_headers(loaded.budget.plan, loaded.budget.available)
        return build_stream_response(events, stream_type, headers)


def _has_document(request: Request) -> bool:
    if "document_id" in request.path_params:
        return True
    names = request.query_params
    return "query" in names or "documentId" in names or "doc_id" in names


def _cached_response(cached: CachedResponse, request: Request, media_type: str) -> ASGIApp:
    headers = build_cache_headers(cached.freshness, is_authenticated=_is_authenticated(request))
    headers += _rate_limit_headers(cached.budget, request, headers)
    if request.method in _SAFE_METHODS:
        return _safe_response(cached.body, request, media_type, headers)
    return _build_response(cached.body, media_type, 200, headers, cached.compressed)


def _graphql_response(response: GraphQLResponse, request: Request, media_type: str, token_headers: Headers) -> ASGIApp:
    encoded = response.body.encoded
    headers = build_cache_headers(response.freshness, is_authenticated=_is_authenticated(request))
    headers += _rate_limit_headers(response.budget, request, headers) + token_headers
    if response.notice is not None:
        headers += response.notice.headers
    if request.method in _SAFE_METHODS and not response.body.errors:
        return _safe_response(encoded, request, media_type, headers)
    return _build_response(encoded, media_type, 200, headers)


def _safe_response(encoded: bytes, request: Request, media_type: str, headers: Headers) -> ASGIApp:
    """Build the response to a request with a safe method, with an ETag."""
    etag = compute_etag(encoded)
    headers.append((b"etag", etag))
    if etag_matches(etag, ", ".join(request.headers.getlist("if-none-match"))):
        return BytesResponse(encoded, 304, headers)
    return _build_response(encoded, media_type, 200, headers)


def _error_response(
    error: Exception, request: Request, media_type: str | None, stream_type: str | None = None
) -> ASGIApp:
    """Build the response to a request that has no `data`. `media_type` is None if the client accepts only streams.

    Errors in the operation are then sent as an event with status 200, as graphql-sse requires: its client takes any
    other status for a network failure and reconnects, which is right for failures of the server.
    """
    errors = format_request_error(error, get_request_id(request))
    extensions: dict[str, Any] = errors[0]["extensions"]
    status = http_status(extensions["code"])
    is_unsafe = isinstance(error, OperationNotAllowed) and request.method in _SAFE_METHODS
    if media_type is None and stream_type is not None and status < 500 and not is_unsafe:
        return build_stream_response(_single_event(StreamEvent(Body.from_errors(errors))), stream_type)
    media_type = media_type or content_negotiation.GRAPHQL_RESPONSE
    if is_unsafe:
        # The address of a document has no method for a mutation.
        allowed = "" if "document_id" in request.path_params else "POST"
        return _build_error_response(errors, media_type, 405, {"Allow": allowed})
    headers = error_headers(status, extensions)
    if isinstance(error, CostLimited):
        plan = CostPlan(error.maximum, error.restore_rate)
        fields = build_rate_limit_headers(plan, error.available)
        headers |= {name.decode(): value.decode() for name, value in fields}
    # With `application/json`, statuses of the 4xx range are for errors outside of GraphQL.
    if status == 400 and media_type == content_negotiation.JSON:
        status = 200
    return _build_error_response(errors, media_type, status, headers)


async def _single_event(event: StreamEvent) -> AsyncGenerator[StreamEvent | KeepAlive, None]:
    yield event


def _build_error_response(
    errors: list[dict[str, Any]], media_type: str, status: int, headers: dict[str, str]
) -> BytesResponse:
    encoded_headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return _build_response(orjson.dumps({"errors": errors}), media_type, status, [*encoded_headers, _NO_STORE, _VARY])


def _rate_limit_headers(budget: ClientBudget | None, request: Request, cache_headers: Headers) -> Headers:
    """Return none for a response that another client may get from a shared cache."""
    if budget is None or (request.method in _SAFE_METHODS and is_shareable(cache_headers)):
        return []
    return build_rate_limit_headers(budget.plan, budget.available)


def _build_response(
    body: bytes, media_type: str, status: int, headers: Headers, compressed: bytes | None = None
) -> BytesResponse:
    return BytesResponse(body, status, [_CONTENT_TYPES[media_type], *headers], compressed)


def _is_authenticated(request: Request) -> bool:
    return b"authorization" in get_headers(request.scope)


# QUERY: draft-ietf-httpbis-safe-method-w-body. Browsers send it to other origins after a preflight request only.
_SAFE_METHODS = ("GET", "HEAD", "QUERY")
# Whose parameters are in the query string. HEAD has the headers of GET.
_GET_METHODS = ("GET", "HEAD")
_NO_STORE, _VARY = (b"cache-control", b"no-store"), (b"vary", b"Accept-Encoding")
_CONTENT_TYPES = {
    media_type: (b"content-type", f"{media_type}; charset=utf-8".encode())
    for media_type in (content_negotiation.JSON, content_negotiation.GRAPHQL_RESPONSE)
}
