"""What a client asks, read from POST and GET."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

from domain.errors import ErrorCode
from domain.ids import shorten
from server.http import content_negotiation
from server.http.headers import header
from server.http.origins import Origins, was_preflighted


class BadRequest(Exception):
    """The request is no GraphQL request. It has a status and headers of its own."""

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: ErrorCode = ErrorCode.BAD_USER_INPUT,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of a GraphQL request, each of the type it must have.

    `query`: empty where `extensions.persistedQuery` stands for it.
    """

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]


async def read_body(request: Request, max_bytes: int) -> bytes:
    """The body of a POST, which says that it is JSON. Raises BadRequest."""
    content_type = header(request.scope, b"content-type")
    if content_type is None or content_negotiation.essence(content_type) != content_negotiation.JSON:
        raise BadRequest(
            f"Content-Type: {shorten(content_type or 'nothing')} is not {content_negotiation.JSON}.",
            415,
            headers={"Accept-Post": content_negotiation.JSON},
        )
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        if len(body) + len(chunk) > max_bytes:
            raise BadRequest(f"The body is longer than {max_bytes} bytes.", 413)
        if not message.get("more_body", False):
            # Most come in one piece.
            return bytes(body + chunk) if body else chunk
        body += chunk


def read_post(body: bytes) -> GraphQLRequest:
    """What a POST asks. Raises BadRequest."""
    try:
        parameters = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise BadRequest("The body is not JSON in UTF-8.") from None
    if isinstance(parameters, list):
        raise BadRequest("The body is a list: send one operation a request.")
    if not isinstance(parameters, dict):
        raise BadRequest("The body is not a JSON object with `query`.")
    return checked_parameters(parameters)


def read_get(request: Request, origins: Origins) -> GraphQLRequest:
    """The query string of a GET. Raises BadRequest, also when a page of an unknown site may have sent it."""
    _refuse_cross_site(request, origins)
    # Not by `request.url`, which fails where there are other bytes than UTF-8's in it.
    query_string = request.scope["query_string"].decode(errors="replace")
    parameters: dict[str, Any] = dict(parse_qsl(query_string, keep_blank_values=True))
    for name in ("operationName", "variables", "extensions"):
        # An empty one counts as absent.
        if not parameters.get(name):
            parameters.pop(name, None)
    for name in ("variables", "extensions"):
        if name in parameters:
            try:
                parameters[name] = orjson.loads(parameters[name])
            except orjson.JSONDecodeError:
                raise BadRequest(f"{name}: {shorten(parameters[name])!r} is not JSON.") from None
    return checked_parameters(parameters)


def checked_parameters(parameters: dict[str, Any]) -> GraphQLRequest:
    """Raises BadRequest for one that is not of its type."""
    extensions = parameters.get("extensions")
    query = parameters.get("query")
    if query is None and isinstance(extensions, dict) and extensions.get("persistedQuery") is not None:
        query = ""
    if not isinstance(query, str):
        raise BadRequest("query: a text with a GraphQL document is needed.")
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise BadRequest("operationName: it is not a text.")
    for name in ("variables", "extensions"):
        if parameters.get(name) is not None and not isinstance(parameters[name], dict):
            raise BadRequest(f"{name}: it is not a JSON object.")
    return GraphQLRequest(query, operation_name, parameters.get("variables") or {}, parameters.get("extensions") or {})


def _refuse_cross_site(request: Request, origins: Origins) -> None:
    """A page of any site can make a browser send a GET. Such a request says where it comes from."""
    headers = request.headers
    if not was_preflighted(headers) and not origins.trust(request.scope.get("scheme", "http"), headers):
        origin = shorten(headers.get("origin") or "another site")
        raise BadRequest(
            f"A page of {origin} sent this GET, which ALLOWED_ORIGINS does not name. "
            "Send the header GraphQL-Require-Preflight: 1, or POST.",
            403,
            ErrorCode.FORBIDDEN,
        )
