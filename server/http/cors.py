"""CORS: pages of allowed origins may send any header and read every response, errors included.

Clients authenticate by a token in a header; there are no cookies that a page could abuse.
"""

from collections.abc import Awaitable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from server.http.headers import add_response_header, get_headers
from server.http.origins import Origins

EXPOSED_HEADERS = (
    "Accept-Post", "Accept-Query", "Age", "Allow", "Content-Disposition", "Content-Encoding", "Deprecation", "ETag",
    "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "Sunset",
    "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version", "Upload-Expires", "Upload-Length",
    "Upload-Metadata", "Upload-Offset", "Vary", "WWW-Authenticate", "X-Consistency-Token", "X-Request-Id",
)  # fmt: skip
_EXPOSED = (b"access-control-expose-headers", ", ".join(EXPOSED_HEADERS).encode())
# Chromium caches a preflight response no longer.
_MAX_AGE_SECONDS = 7_200


def cors_headers(origin: bytes) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response that is built outside of the application, for an allowed origin."""
    return [
        (b"access-control-allow-origin", origin),
        _EXPOSED,
        (b"vary", b"Origin"),
    ]


class _OriginCORSMiddleware(CORSMiddleware):
    """Starlette's CORS middleware with the origins of `Origins`."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        super().__init__(
            app,
            allow_methods=("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "QUERY"),
            allow_headers=("*",),
            expose_headers=EXPOSED_HEADERS,
            max_age=_MAX_AGE_SECONDS,
        )
        self._origins = origins

    def is_allowed_origin(self, origin: str) -> bool:
        return self._origins.is_allowed(origin)


class CORS:
    """Applies CORS to requests with the header Origin."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        self._app = app
        self._with_cors = _OriginCORSMiddleware(app, origins)

    # Not a coroutine function: most requests have no Origin and need no additional coroutine.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] != "http":
            return self._app(scope, receive, send)
        if b"origin" in get_headers(scope):
            return self._with_cors(scope, receive, send)
        # A shared cache must not serve this response to a page, which needs the CORS headers.
        add_response_header(scope, b"vary", b"Origin")
        return self._app(scope, receive, send)
