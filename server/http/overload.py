"""Middleware that rejects requests during overload, before anything else is done for them."""

from collections.abc import Callable

import orjson
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import ErrorCode
from domain.request_limits import RequestLimit
from server.http.admission import MESSAGE, RETRY_AFTER_SECONDS, Admission, AdmissionClient, count_rejected
from server.observability.error_log import count_limit
from server.observability.request_metrics import record_request

_EXTENSIONS = {
    "code": ErrorCode.SERVICE_UNAVAILABLE.value,
    "retryAfter": RETRY_AFTER_SECONDS,
    "limit": RequestLimit.RUNNING_OPERATIONS.value,
}
_BODY = orjson.dumps({"errors": [{"message": MESSAGE, "extensions": _EXTENSIONS}]})
_START = {
    "type": "http.response.start",
    "status": 503,
    "headers": [
        (b"content-type", b"application/json; charset=utf-8"),
        (b"content-length", b"%d" % len(_BODY)),
        (b"retry-after", b"%d" % RETRY_AFTER_SECONDS),
        (b"cache-control", b"no-store"),
    ],
}
_END = {"type": "http.response.body", "body": _BODY}


class OverloadMiddleware:
    """Rejects requests to `path`, and to paths below it, whose operations would wait for too long.

    A rejection must cost little: it is counted, and neither logged nor traced. `client_of`: the client of a request, by
    its scope.
    """

    def __init__(
        self, app: ASGIApp, path: str, admission: Admission, client_of: Callable[[Scope], AdmissionClient]
    ) -> None:
        self._app = app
        self._path = path
        self._admission = admission
        self._client_of = client_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        admission = self._admission
        if admission.waiting and _has_operation(scope, self._path):
            client = self._client_of(scope)
            if admission.must_reject(client):
                count_rejected(client.signed_in)
                count_limit(RequestLimit.RUNNING_OPERATIONS.value)
                record_request(scope, 503, 0.0)
                await send(_START)
                await send(_END)
                return
        await self._app(scope, receive, send)


def _has_operation(scope: Scope, path: str) -> bool:
    """Preflight requests have none."""
    return scope["type"] == "http" and scope["method"] in ("POST", "GET") and scope["path"].startswith(path)
