"""`POST /mcp`: the Model Context Protocol over HTTP, without sessions and streams."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from common.text import truncate
from domain.errors import Unauthenticated
from domain.usage import UNKNOWN, ClientName
from server.context import RequestInfo
from server.graphql.handler import GraphQLHandler
from server.http import content_negotiation
from server.http.headers import get_header, get_headers
from server.http.origins import Origins
from server.http.request import HTTPError, read_body
from server.http.responses import BytesResponse
from server.mcp.authorization import challenge
from server.mcp.messages import (
    FORBIDDEN,
    INVALID_REQUEST,
    Message,
    ProtocolError,
    RequestId,
    encode_error,
    encode_result,
    parse_message,
)
from server.mcp.methods import CALL, complete, respond
from server.mcp.revisions import META_CLIENT, MODERN_VERSION, find_version
from server.mcp.tool_call import ToolCaller, unauthenticated
from server.mcp.tools import Tools
from server.observability.client_names import check_client_name
from server.observability.error_log import bind_fields, record_code, record_error
from server.settings import Settings

MCP_PATH = "/mcp"


class MCPEndpoint:
    """ASGI application."""

    def __init__(self, handler: GraphQLHandler, tools: Tools, settings: Settings) -> None:
        self._tools = tools
        self._caller = ToolCaller(handler, settings.operation_timeout_seconds)
        self._origins: Origins = settings.origins
        self._max_body_bytes = settings.max_body_bytes
        self._challenge = challenge(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response: ASGIApp
        try:
            message = parse_message(await self._read(request))
        except ProtocolError as error:
            response = self._error_response(error, error.id)
        except HTTPError as error:
            record_code(error.code, limit=error.limit)
            rejected = ProtocolError(INVALID_REQUEST, error.message, status=error.status, headers=error.headers)
            response = self._error_response(rejected, None)
        else:
            response = await self._respond(request, message)
        await response(scope, receive, send)

    async def _read(self, request: Request) -> bytes:
        """Raises HTTPError and ProtocolError."""
        # Not even the origin of the request's own host: by DNS rebinding, any name leads to this server.
        origin = get_header(request.scope, b"origin")
        if origin is not None and not self._origins.is_allowed(origin):
            raise ProtocolError(FORBIDDEN, f"ALLOWED_ORIGINS does not contain {truncate(origin)!r}.")
        if request.method != "POST":
            raise HTTPError(f"Method {request.method} is not allowed; use POST.", 405, headers={"Allow": "POST"})
        accept = get_header(request.scope, b"accept")
        if content_negotiation.negotiate(accept, (content_negotiation.JSON,)) is None:
            raise HTTPError(f"Accept must contain {content_negotiation.JSON}, not {truncate(accept or '')!r}.", 406)
        return await read_body(request, self._max_body_bytes, (content_negotiation.JSON,))

    async def _respond(self, request: Request, message: Message) -> ASGIApp:
        if message.id is None:
            # Notifications have no effect: a request ends with its connection.
            return Response(status_code=202)
        bind_fields(mcp_method=truncate(message.method))
        version = None
        try:
            version = find_version(message, get_headers(request.scope))
            result = await self._execute(request, message, version)
        except ProtocolError as error:
            # Clients of earlier revisions read the message of a successful HTTP request only.
            if version not in (None, MODERN_VERSION) and error.code < 0:
                error.status = 200
            return self._error_response(error, message.id)
        return BytesResponse(encode_result(message.id, result), 200, [_JSON, _NO_STORE])

    async def _execute(self, request: Request, message: Message, version: str) -> dict[str, object]:
        request_info = RequestInfo.from_connection(request)
        if request_info.client == UNKNOWN:
            request_info = request_info._replace(client=_client_name(message))
        try:
            # The list of tools is public, but clients should learn early that a token has expired.
            await request_info.expires_at()
        except Unauthenticated as error:
            record_error(error)
            raise unauthenticated(error.message) from None
        tools = await self._tools.current(request_info.state.trusted_documents)
        if message.method != CALL:
            return respond(message, version, tools)
        return complete(await self._caller.call(request_info, request.receive, tools, message.params), version)

    def _error_response(self, error: ProtocolError, id: RequestId | None) -> ASGIApp:
        headers = error.headers | ({"WWW-Authenticate": self._challenge} if error.status == 401 else {})
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        return BytesResponse(encode_error(id, error), error.status, [_JSON, _NO_STORE, *encoded])


def _client_name(message: Message) -> ClientName:
    """What the client calls itself."""
    info = message.meta.get(META_CLIENT) or message.params.get("clientInfo")
    return check_client_name(info.get("name"), info.get("version")) if isinstance(info, dict) else UNKNOWN


_JSON = (b"content-type", b"application/json; charset=utf-8")
_NO_STORE = (b"cache-control", b"no-store")
