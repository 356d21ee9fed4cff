"""The endpoint: reads a request, runs its operation, writes the answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import orjson
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.errors import ClientError, ErrorCode, OperationTimeout
from domain.statistics import RequestStatistics
from execution.operations import Operation, OperationNotAllowed, Operations, RequestErrors
from server.errors import MASKED, error_body, formatted, status_of
from server.http import media_types
from server.http.disconnects import cancelled_on_disconnect
from server.http.requests import BadRequest, GraphQLRequest, read_get, read_post

log = structlog.get_logger()


class OperationContext(Protocol):
    """What the endpoint needs to know of a context."""

    @property
    def statistics(self) -> RequestStatistics: ...
    @property
    def show_statistics(self) -> bool: ...
    @property
    def introspection(self) -> bool: ...


OpenContext = Callable[[Request], AbstractAsyncContextManager[OperationContext]]


class GraphQLEndpoint:
    """An ASGI application for one path.

    `on_deprecated` is told the coordinates of deprecated parts of the schema when an operation uses them.
    """

    def __init__(
        self,
        operations: Operations,
        open_context: OpenContext,
        page: Callable[[Request], Awaitable[Response]],
        *,
        on_deprecated: Callable[[Request, tuple[str, ...]], None],
        max_body_bytes: int,
        timeout_seconds: float,
    ) -> None:
        self._operations = operations
        self._open_context = open_context
        self._page = page
        self._on_deprecated = on_deprecated
        self._max_body_bytes = max_body_bytes
        self._timeout_seconds = timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        accept = request.headers.get("accept")
        if request.method == "GET" and media_types.prefers_html(accept) and "query" not in request.query_params:
            response = await self._page(request)
        else:
            response = await self._answer(request, accept)
        await response(scope, receive, send)

    async def _answer(self, request: Request, accept: str | None) -> Response:
        media_type = negotiate(accept)
        try:
            if media_type is None:
                raise BadRequest(f"Accept: {accept!r} takes neither JSON nor a GraphQL response.", 406)
            parameters = await self._read(request)
        except BadRequest as error:
            body = {"errors": [error_body(error.message, {"code": error.code}, request_id_of(request))]}
            return _response(body, media_type or media_types.JSON, error.status, error.headers)
        async with cancelled_on_disconnect(request):
            body, status, headers = await self._execute(request, parameters, media_type)
        return _response(body, media_type, status, headers)

    async def _read(self, request: Request) -> GraphQLRequest:
        if request.method == "POST":
            return await read_post(request, self._max_body_bytes)
        if request.method == "GET":
            return read_get(request)
        raise BadRequest(f"{request.method} is not a way to ask. Use POST or GET.", 405, headers={"Allow": "GET, POST"})

    async def _execute(
        self, request: Request, parameters: GraphQLRequest, media_type: str
    ) -> tuple[dict[str, Any], int, dict[str, str]]:
        """The body, the status and further headers."""
        request_id = request_id_of(request)
        try:
            async with asyncio.timeout(self._timeout_seconds), self._open_context(request) as context:
                operation = self._prepare(request, parameters, context)
                result = await self._operations.run(operation, context)
                body: dict[str, Any] = {}
                if result.errors:
                    body["errors"] = formatted(result.errors, request_id)
                body["data"] = result.data
                if context.show_statistics:
                    body["extensions"] = {"stats": context.statistics.as_extension()}
                return body, 200, {}
        except RequestErrors as error:
            errors = formatted(error.errors, request_id)
            if isinstance(error, OperationNotAllowed) and request.method == "GET":
                return {"errors": errors}, 405, {"Allow": "POST"}
            return {"errors": errors}, _request_error_status(errors[0]["extensions"]["code"], media_type), {}
        except TimeoutError:
            timeout = OperationTimeout(f"The operation did not finish within {self._timeout_seconds:g} seconds.")
            return _client_error(timeout, request_id, media_type)
        except ClientError as error:
            return _client_error(error, request_id, media_type)
        except Exception:
            log.exception("request failed")
            masked = error_body(MASKED, {"code": ErrorCode.INTERNAL_SERVER_ERROR}, request_id)
            return {"errors": [masked]}, 500, {}

    def _prepare(self, request: Request, parameters: GraphQLRequest, context: OperationContext) -> Operation:
        operation = self._operations.prepare(
            parameters.query,
            parameters.operation_name,
            parameters.variables,
            introspection=context.introspection,
            read_only=request.method == "GET",
        )
        structlog.contextvars.bind_contextvars(operation=operation.name, kind=operation.kind)
        if operation.document.deprecated:
            self._on_deprecated(request, operation.document.deprecated)
        return operation


def negotiate(accept: str | None) -> str | None:
    """JSON unless the client names the GraphQL response type, or likes it better."""
    return media_types.negotiate(accept, (media_types.JSON, media_types.GRAPHQL_RESPONSE))


def request_id_of(request: Request) -> str:
    request_id: str = request.state.request_id
    return request_id


def _request_error_status(code: str, media_type: str) -> int:
    """Under `application/json` a status of its own is for what happened outside of GraphQL."""
    status = status_of(code)
    return 200 if status == 400 and media_type == media_types.JSON else status


def _client_error(error: ClientError, request_id: str, media_type: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    status = _request_error_status(error.code, media_type)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if "retryAfter" in error.extensions:
        headers["Retry-After"] = str(error.extensions["retryAfter"])
    return {"errors": [error_body(error.message, error.extensions, request_id)]}, status, headers


def _response(body: dict[str, Any], media_type: str, status: int, headers: dict[str, str]) -> Response:
    content_type = f"{media_type}; charset=utf-8"
    return Response(orjson.dumps(body), status, {"Content-Type": content_type, **headers})
