"""The endpoint: reads a request, runs its operation, writes the answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.text import truncate
from domain.errors import ClientError
from engine.request.operations import OperationNotAllowed
from server.graphql.error_format import error_body, error_headers, status_of
from server.graphql.event_streams import stream_response
from server.graphql.handler import Answer, Pipeline, errors_of
from server.graphql.response_body import Body
from server.graphql.response_cache import Asked, Shortcuts
from server.graphql.subscriptions import Pause, StreamCaller, StreamEvent, Streams
from server.http import content_negotiation
from server.http.cache_headers import build_cache_headers, compute_etag, etag_matches
from server.http.cancellation import cancel_on_disconnect
from server.http.compression import accepts_gzip
from server.http.headers import get_header, get_headers
from server.http.origins import Origins
from server.http.request import GraphQLRequest, HTTPError, parse_get, parse_post, read_body
from server.http.request_log import get_request_id
from server.http.responses import BytesResponse, Headers, get_accept_encoding
from server.observability.error_log import record_code


class GraphQLEndpoint:
    """An ASGI application for one path."""

    def __init__(
        self,
        pipeline: Pipeline,
        shortcuts: Shortcuts,
        streams: Streams,
        caller_of: Callable[[Request], Any],
        page: Callable[[Request], Awaitable[Response]],
        *,
        origins: Origins,
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._pipeline = pipeline
        self._shortcuts = shortcuts
        self._streams = streams
        self._caller_of = caller_of
        self._page = page
        self._origins = origins
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        accept = get_header(scope, b"accept")
        response: ASGIApp
        if request.method == "GET" and content_negotiation.prefers_html(accept) and "query" not in request.query_params:
            response = await self._page(request)
        else:
            response = await self._answer(request, accept)
        await response(scope, receive, send)

    async def _answer(self, request: Request, accept: str | None) -> ASGIApp:
        media_type, stream_type = content_negotiation.negotiate_response(accept)
        caller = self._caller_of(request)
        try:
            if media_type is None and stream_type is None:
                raise HTTPError(f"Accept: {truncate(accept or '')!r} takes neither JSON nor a GraphQL response.", 406)
            body = await self._body(request)
            asked = None if body is None or media_type is None else Asked.by(body, media_type)
            if asked is not None:
                gzip = accepts_gzip(get_accept_encoding(request.scope))
                shortcut = await self._shortcuts.answer(asked, caller, gzip=gzip)
                if shortcut is not None:
                    assert media_type is not None
                    headers = build_cache_headers(shortcut.freshness, is_authenticated=_is_signed_in(request))
                    return _written(shortcut.body, media_type, 200, headers, shortcut.compressed)
            parameters = parse_get(request, self._origins) if body is None else parse_post(body)
            parameters = await self._pipeline.resolved(caller, parameters)
        except HTTPError as error:
            record_code(error.code)
            errors = [error_body(error.message, {"code": error.code}, get_request_id(request))]
            return _response({"errors": errors}, media_type or content_negotiation.JSON, error.status, error.headers)
        except ClientError as error:
            return _error_response(error, request, media_type, stream_type)
        if stream_type is not None and (media_type is None or await self._pipeline.is_subscription(caller, parameters)):
            return await self._stream(request, caller, parameters, stream_type, media_type)
        assert media_type is not None
        return await self._run(request, caller, parameters, media_type, asked)

    async def _body(self, request: Request) -> bytes | None:
        """None for a GET, which has none."""
        if request.method == "POST":
            return await read_body(request, self._max_body_bytes)
        if request.method == "GET":
            return None
        raise HTTPError(f"{request.method} is not a way to ask. Use POST or GET.", 405, headers={"Allow": "GET, POST"})

    async def _run(
        self,
        request: Request,
        caller: Any,
        parameters: GraphQLRequest,
        media_type: str,
        asked: Asked | None,
    ) -> ASGIApp:
        read_only = request.method == "GET"
        try:
            async with cancel_on_disconnect(request.receive, self._timeout_seconds) as deadline:
                request_id = get_request_id(request)
                answer = await self._pipeline.run(caller, parameters, request_id, deadline, read_only=read_only)
            if asked:
                self._shortcuts.remember(asked, answer, caller)
            return _answered(answer, request, media_type)
        except ClientDisconnect:
            raise
        except Exception as error:
            return _error_response(error, request, media_type)

    async def _stream(
        self,
        request: Request,
        caller: StreamCaller,
        parameters: GraphQLRequest,
        stream_type: str,
        media_type: str | None,
    ) -> ASGIApp:
        try:
            operation = await self._pipeline.prepare(caller, parameters, read_only=request.method == "GET")
        except Exception as error:
            return _error_response(error, request, media_type, stream_type)
        return stream_response(self._streams.run(operation, caller), stream_type)


def _error_response(
    error: Exception, request: Request, media_type: str | None, stream_type: str | None = None
) -> ASGIApp:
    """`media_type`: None where only a stream is accepted.

    Then errors of the operation are an event, as graphql-sse demands: its client takes any other status than 200 for a
    failure of the network, and connects again. That is right for failures of ours.
    """
    errors = errors_of(error, get_request_id(request))
    extensions: dict[str, Any] = errors[0]["extensions"]
    status = status_of(extensions["code"])
    is_unsafe = isinstance(error, OperationNotAllowed) and request.method == "GET"
    if media_type is None and stream_type is not None and status < 500 and not is_unsafe:
        return stream_response(_only(StreamEvent(Body.of_errors(errors))), stream_type)
    media_type = media_type or content_negotiation.GRAPHQL_RESPONSE
    if is_unsafe:
        return _response({"errors": errors}, media_type, 405, {"Allow": "POST"})
    headers = error_headers(status, extensions)
    # Under `application/json` a status of its own is for what happened outside of GraphQL.
    if status == 400 and media_type == content_negotiation.JSON:
        status = 200
    return _response({"errors": errors}, media_type, status, headers)


def _is_signed_in(request: Request) -> bool:
    return b"authorization" in get_headers(request.scope)


async def _only(event: StreamEvent) -> AsyncGenerator[StreamEvent | Pause, None]:
    yield event


def _answered(answer: Answer, request: Request, media_type: str) -> ASGIApp:
    encoded = answer.body.encoded
    headers = build_cache_headers(answer.freshness, is_authenticated=_is_signed_in(request))
    if request.method == "GET" and not answer.body.errors:
        etag = compute_etag(encoded)
        headers.append((b"etag", etag))
        if etag_matches(etag, ", ".join(request.headers.getlist("if-none-match"))):
            return BytesResponse(encoded, 304, headers)
    return _written(encoded, media_type, 200, headers)


def _response(body: dict[str, Any], media_type: str, status: int, headers: dict[str, str]) -> ASGIApp:
    """Of what went wrong: it is not to be kept."""
    written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return _written(orjson.dumps(body), media_type, status, [*written, _NO_STORE, _VARY])


def _written(
    body: bytes, media_type: str, status: int, headers: Headers, compressed: bytes | None = None
) -> BytesResponse:
    return BytesResponse(body, status, [_CONTENT_TYPES[media_type], *headers], compressed)


_NO_STORE, _VARY = (b"cache-control", b"no-store"), (b"vary", b"Accept-Encoding")
_CONTENT_TYPES = {
    media_type: (b"content-type", f"{media_type}; charset=utf-8".encode())
    for media_type in (content_negotiation.JSON, content_negotiation.GRAPHQL_RESPONSE)
}
