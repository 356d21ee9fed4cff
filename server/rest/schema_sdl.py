"""The schema in SDL, for clients that may introspect it."""

from functools import cache

import orjson
from starlette.requests import Request

from domain.errors import ClientError, Forbidden
from schema import sdl
from server.context import RequestInfo, may_introspect
from server.error_format import error_dict, error_headers, http_status
from server.http.cache_headers import compute_etag, etag_matches
from server.http.compression import BEST_LEVEL, accepts_gzip, compress
from server.http.request_log import get_request_id
from server.http.responses import BytesResponse, Headers, get_accept_encoding
from server.state import AppState


async def get_schema(request: Request) -> BytesResponse:
    """Return the SDL with an ETag."""
    state: AppState = request.state.shinjp
    try:
        viewer = await RequestInfo.from_connection(request).viewer()
        if not may_introspect(state.settings, viewer):
            raise Forbidden("Introspection is disabled; only administrators may read the schema.")
    except ClientError as error:
        return _error_response(request, error)
    text, compressed, etag = _encode_schema()
    headers: Headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-cache"),
        (b"vary", b"Accept-Encoding, Authorization"),
        (b"etag", etag),
    ]
    status = 304 if etag_matches(etag, ", ".join(request.headers.getlist("if-none-match"))) else 200
    return BytesResponse(
        text, status, headers, compressed if accepts_gzip(get_accept_encoding(request.scope)) else None
    )


@cache
def _encode_schema() -> tuple[bytes, bytes, bytes]:
    """Return the SDL, its compressed form and its ETag, computed once."""
    text = sdl().encode()
    return text, compress(text, BEST_LEVEL), compute_etag(text)


def _error_response(request: Request, error: ClientError) -> BytesResponse:
    status = http_status(error.code)
    body = orjson.dumps({"errors": [error_dict(error.message, error.extensions, get_request_id(request))]})
    given = error_headers(status, error.extensions) | {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return BytesResponse(body, status, [(name.lower().encode(), value.encode()) for name, value in given.items()])
