"""CORS: pages of allowed origins may send any header and read every answer, also one that tells of an error.

Nothing but a token in a header says who asks: there are no cookies that a page could abuse.
"""

from collections.abc import Awaitable

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.origins import Origins

EXPOSED_HEADERS = (
    "Accept-Post", "Age", "Allow", "Content-Disposition", "Content-Encoding", "ETag", "Retry-After", "Vary",
    "WWW-Authenticate", "X-Request-Id",
)  # fmt: skip
# The longest that Chromium keeps the answer to a preflight.
_MAX_AGE_SECONDS = 7_200
_VARY = (b"vary", b"Origin")


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

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if b"origin" in dict(scope["headers"]):
            await super().__call__(scope, receive, send)
            return

        def send_varying(message: Message) -> Awaitable[None]:
            # A cache that keeps this answer is not to give it to a page, which needs the headers of CORS.
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], _VARY]
            return send(message)

        await self.app(scope, receive, send_varying)
