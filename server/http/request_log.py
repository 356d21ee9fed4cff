"""Request ids and the access log."""

import random
import re
import time
from collections.abc import Awaitable

from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.http.headers import get_headers
from server.observability.error_log import record_errors

# A client's request id is accepted only in this form, because it is written to logs and headers.
_REQUEST_ID_PATTERN = re.compile(rb"[A-Za-z0-9._-]{1,128}")

# nginx's status for a client that disconnected before the response; only logged.
_CLIENT_CLOSED_REQUEST = 499


class RequestLogMiddleware:
    """ASGI middleware that sets `state.request_id` and X-Request-Id, and logs each request's status and duration."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        state = scope["state"]
        state["request_id"] = request_id
        errors = record_errors({"request_id": request_id})
        started_at = time.perf_counter()
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            errors.log("socket closed", path=scope["path"], duration_s=round(time.perf_counter() - started_at, 1))
            return
        status = 500
        headers = state["response_headers"] = [(b"x-request-id", request_id.encode())]

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            return send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = _CLIENT_CLOSED_REQUEST
        finally:
            seconds = time.perf_counter() - started_at
            errors.log(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                duration_ms=round(seconds * 1000, 2),
            )


def get_request_id(connection: HTTPConnection) -> str:
    request_id: str = connection.scope["state"]["request_id"]
    return request_id


def _request_id(scope: Scope) -> str:
    given = get_headers(scope).get(b"x-request-id")
    if given is not None and _REQUEST_ID_PATTERN.fullmatch(given):
        return given.decode()
    # Request ids need not be unpredictable, and `secrets` takes longer than the rest of this function.
    return f"{random.getrandbits(128):032x}"
