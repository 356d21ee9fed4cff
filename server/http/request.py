"""Parses and validates GraphQL requests sent by POST and GET."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

from common.text import truncate
from domain.errors import ErrorCode
from domain.request_limits import RequestLimit
from engine.nodes import OnError
from server.http import content_negotiation
from server.http.content_coding import SUPPORTED, find_coding_problem
from server.http.headers import get_header
from server.http.origins import Origins, is_preflighted


class HTTPError(Exception):
    """The HTTP request is not a valid GraphQL request. Has the response's status and headers.

    `limit`: the one that the request exceeds.
    """

    def __init__(
        self,
        message: str,
        status: int = 400,
        code: ErrorCode = ErrorCode.BAD_USER_INPUT,
        headers: Mapping[str, str] | None = None,
        limit: RequestLimit | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.headers = dict(headers or {})
        self.limit = None if limit is None else limit.value


class GraphQLRequest(NamedTuple):
    """The validated parameters of a GraphQL request.

    `query` is empty if the request has only the hash of a persisted query, or the id of a trusted document.
    `on_error`: what an error of a field sets to null.
    """

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]
    document_id: str | None = None
    on_error: OnError = OnError.PROPAGATE


_ON_ERROR = tuple(OnError)
FORM = "multipart/form-data"
POST_CONTENT_TYPES = (content_negotiation.JSON, FORM)
QUERY_CONTENT_TYPES = (content_negotiation.JSON,)
_CHARSETS = (None, "utf-8", "utf8", "us-ascii")


async def read_body(request: Request, max_bytes: int, content_types: Sequence[str]) -> bytes:
    """Read the body of a request whose Content-Type is one of these. Raises HTTPError."""
    content_type = get_header(request.scope, b"content-type")
    # Most clients send no parameters.
    if content_type not in content_types and (
        content_type is None or content_negotiation.essence(content_type) not in content_types
    ):
        raise HTTPError(
            f"Content-Type must be {content_negotiation.JSON}, not {truncate(content_type or 'absent')}.",
            415,
            headers={f"Accept-{request.method.capitalize()}": ", ".join(content_types)},
        )
    # JSON has no other encoding. ASCII is a part of it.
    if content_type not in content_types and content_negotiation.charset(content_type or "") not in _CHARSETS:
        raise HTTPError(f"The charset of Content-Type must be utf-8: {truncate(content_type or '')!r}.", 415)
    problem = find_coding_problem(request.scope)
    if problem is not None:
        raise HTTPError(problem, 415, headers=SUPPORTED)
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        if len(body) + len(chunk) > max_bytes:
            raise HTTPError(f"Request body exceeds the limit of {max_bytes} bytes.", 413, limit=RequestLimit.BODY_BYTES)
        if not message.get("more_body", False):
            # Most bodies arrive in one message.
            return bytes(body + chunk) if body else chunk
        body += chunk


def has_form(request: Request) -> bool:
    """Whether the body of a POST is a form with files."""
    content_type = get_header(request.scope, b"content-type")
    if content_type is None or content_type == content_negotiation.JSON:
        return False
    return content_negotiation.essence(content_type) == FORM


def parse_post(body: bytes) -> GraphQLRequest:
    """Parse the body of a POST. Raises HTTPError."""
    try:
        parameters = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise HTTPError("Request body is not valid JSON encoded in UTF-8.") from None
    if isinstance(parameters, list):
        raise HTTPError("Batched requests are not supported.")
    if not isinstance(parameters, dict):
        raise HTTPError("Request body must be a JSON object with `query`.")
    return validate_parameters(parameters)


def parse_get(request: Request, origins: Origins) -> GraphQLRequest:
    """Parse the query string of a GET. Raises HTTPError, also for a cross-site request."""
    _check_csrf(request, origins)
    # Not `request.url`, which fails on bytes that are not UTF-8.
    query_string = request.scope["query_string"].decode(errors="replace")
    parameters: dict[str, Any] = dict(parse_qsl(query_string, keep_blank_values=True))
    # Of the path, in addresses that a CDN stores.
    if "document_id" in request.path_params:
        parameters["documentId"] = request.path_params["document_id"]
    for name in ("operationName", "variables", "extensions", "documentId", "doc_id", "onError"):
        # An empty parameter counts as absent.
        if not parameters.get(name):
            parameters.pop(name, None)
    for name in ("variables", "extensions"):
        if name in parameters:
            try:
                parameters[name] = orjson.loads(parameters[name])
            except orjson.JSONDecodeError:
                raise HTTPError(f"`{name}` is not valid JSON: {truncate(parameters[name])!r}.") from None
    return validate_parameters(parameters)


def validate_parameters(parameters: dict[str, Any]) -> GraphQLRequest:
    """Raises HTTPError for a parameter of the wrong type."""
    extensions = parameters.get("extensions")
    query, document_id = parameters.get("query"), _parse_document_id(parameters)
    if query is None and (document_id is not None or _has_persisted_query(extensions)):
        query = ""
    if not isinstance(query, str):
        raise HTTPError("`query` must be a string.")
    if query and document_id is not None:
        raise HTTPError("`query` and `documentId` exclude each other.")
    operation_name = parameters.get("operationName")
    if operation_name is not None and not isinstance(operation_name, str):
        raise HTTPError("`operationName` must be a string.")
    for name in ("variables", "extensions"):
        if parameters.get(name) is not None and not isinstance(parameters[name], dict):
            raise HTTPError(f"`{name}` must be an object.")
    variables, extensions = parameters.get("variables") or {}, extensions or {}
    on_error = parameters.get("onError")
    if not on_error:
        return GraphQLRequest(query, operation_name, variables, extensions, document_id)
    if on_error not in _ON_ERROR:
        raise HTTPError(f"`onError` must be one of {', '.join(OnError)}.")
    return GraphQLRequest(query, operation_name, variables, extensions, document_id, OnError(on_error))


def _has_persisted_query(extensions: object) -> bool:
    return isinstance(extensions, dict) and extensions.get("persistedQuery") is not None


def _parse_document_id(parameters: dict[str, Any]) -> str | None:
    """The id of a trusted document, as Relay's network layers call it, too. Raises HTTPError."""
    for name in ("documentId", "doc_id"):
        found = parameters.get(name)
        if found is not None:
            if not isinstance(found, str):
                raise HTTPError(f"`{name}` must be a string.")
            return found
    return None


def _check_csrf(request: Request, origins: Origins) -> None:
    """Raises HTTPError for a cross-site GET, which any page can make a browser send."""
    headers = request.headers
    if not is_preflighted(headers) and not origins.is_trusted(request.scope.get("scheme", "http"), headers):
        origin = truncate(headers.get("origin") or "another site")
        raise HTTPError(
            f"Cross-site GET requests are blocked (CSRF): ALLOWED_ORIGINS does not contain {origin}. "
            "Send the header GraphQL-Require-Preflight: 1, or use POST.",
            403,
            ErrorCode.FORBIDDEN,
        )
