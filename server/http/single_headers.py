"""Headers that may come once: of two, one part of a system would believe the first and another one the last."""

from collections.abc import Awaitable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from domain.errors import ErrorCode
from server.graphql.error_format import error_body
from server.http.headers import headers_of
from server.observability.error_log import record_code

# Lists, such as Accept, may be split over several headers (RFC 9110, section 5.3). These are no lists.
SINGLE_HEADERS = (
    b"authorization", b"content-length", b"content-type", b"host", b"last-event-id", b"origin", b"sec-fetch-site",
    b"sec-websocket-key",
)  # fmt: skip
_DENIAL = "websocket.http.response"


class SingleHeaders:
    """ASGI middleware: answers 400 where one of them comes again, also to the handshake of a WebSocket."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        repeated = _repeated(scope) if scope["type"] in ("http", "websocket") else None
        app = self._app if repeated is None else _refusal(scope, repeated)
        return app(scope, receive, send)


def _repeated(scope: Scope) -> str | None:
    if len(headers_of(scope)) == len(scope["headers"]):
        return None
    names = [name for name, _ in scope["headers"]]
    return next((name.decode() for name in SINGLE_HEADERS if names.count(name) > 1), None)


def _refusal(scope: Scope, name: str) -> ASGIApp:
    code = ErrorCode.BAD_USER_INPUT
    record_code(code)
    if scope["type"] == "websocket" and _DENIAL not in scope.get("extensions", {}):
        return WebSocketClose()
    message = f"The header {name.title()} came more than once: send it once."
    body = {"errors": [error_body(message, {"code": code.value}, scope["state"]["request_id"])]}
    return JSONResponse(body, 400, {"Cache-Control": "no-store"})
