"""Rejects repeated singleton headers, of which a proxy may use the first and the server the last."""

from collections.abc import Awaitable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from domain.errors import ErrorCode
from server.error_format import error_dict
from server.http.headers import get_headers
from server.observability.error_log import record_code

# List-valued headers, such as Accept, may be repeated (RFC 9110, section 5.3); these may not.
SINGLE_HEADERS = (
    b"authorization", b"content-length", b"content-type", b"host", b"last-event-id", b"origin", b"sec-fetch-site",
    b"sec-websocket-key",
)  # fmt: skip
_DENIAL = "websocket.http.response"


class SingleHeadersMiddleware:
    """ASGI middleware that responds to repeated singleton headers with 400, also in WebSocket handshakes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        repeated = _find_repeated_header(scope) if scope["type"] in ("http", "websocket") else None
        app = self._app if repeated is None else _build_rejection(scope, repeated)
        return app(scope, receive, send)


def _find_repeated_header(scope: Scope) -> str | None:
    if len(get_headers(scope)) == len(scope["headers"]):
        return None
    names = [name for name, _ in scope["headers"]]
    return next((name.decode() for name in SINGLE_HEADERS if names.count(name) > 1), None)


def _build_rejection(scope: Scope, name: str) -> ASGIApp:
    code = ErrorCode.BAD_USER_INPUT
    record_code(code)
    if scope["type"] == "websocket" and _DENIAL not in scope.get("extensions", {}):
        return WebSocketClose()
    message = f"Header {name.title()} must not be repeated."
    body = {"errors": [error_dict(message, {"code": code.value}, scope["state"]["request_id"])]}
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})
