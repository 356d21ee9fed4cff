"""CORS: pages of allowed origins may send any header and read every answer, also one that tells of an error.

Nothing but a token in a header says who asks: there are no cookies that a page could abuse.
"""

from collections.abc import Awaitable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from server.http.headers import add_response_header, headers_of
from server.http.origins import Origins

EXPOSED_HEADERS = (
    "Accept-Post", "Age", "Allow", "Content-Disposition", "Content-Encoding", "ETag", "Retry-After", "Vary",
    "WWW-Authenticate", "X-Request-Id",
)  # fmt: skip
# The longest that Chromium keeps the answer to a preflight.
_MAX_AGE_SECONDS = 7_200


class Cors(CORSMiddleware):
    """Starlette's, for the origins that the server trusts, and without its work where a request has no origin."""

    def __init__(self, app: ASGIApp, origins: Origins) -> None:
        super().__init__(
            app,
            allow_methods=("GET", "HEAD", "OPTIONS", "POST"),
            allow_headers=("*",),
            expose_headers=EXPOSED_HEADERS,
            max_age=_MAX_AGE_SECONDS,
        )
        self._origins = origins

    def is_allowed_origin(self, origin: str) -> bool:
        return self._origins.allow(origin)

    # Without a coroutine of its own, for most requests have no origin.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        if b"origin" in headers_of(scope):
            return super().__call__(scope, receive, send)
        # A cache that keeps this answer is not to give it to a page, which needs the headers of CORS.
        add_response_header(scope, b"vary", b"Origin")
        return self.app(scope, receive, send)
