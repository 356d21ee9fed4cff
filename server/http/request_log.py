"""Request ids and the access log."""

import random
import re
import time
from collections.abc import Awaitable, Collection, Mapping

from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from common.tracing.collector import TraceCollector
from common.tracing.trace_context import TraceContext
from domain.errors import ErrorCode
from server.http.headers import get_headers
from server.observability.client_names import get_client_name
from server.observability.error_log import ErrorRecord, record_errors
from server.observability.request_metrics import record_operation_of, record_outcome, record_request
from server.observability.request_traces import end_request_trace

# A client's request id is accepted only in this form, because it is written to logs and headers.
_REQUEST_ID_PATTERN = re.compile(rb"[A-Za-z0-9._-]{1,128}")

# nginx's status for a client that disconnected before the response; only logged.
_CLIENT_CLOSED_REQUEST = 499


class RequestLogMiddleware:
    """ASGI middleware that sets `state.request_id` and X-Request-Id, and logs each request's status and duration.

    It also starts and ends the trace, whose id is the request id unless the client sends either. `operation_paths`:
    of the routes whose requests are operations.
    """

    def __init__(self, app: ASGIApp, operation_paths: Collection[str] = ()) -> None:
        self._app = app
        self._operation_paths = frozenset(operation_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # Request ids need not be unpredictable, and `secrets` takes longer than the rest of this function.
        number = random.getrandbits(128)
        headers = get_headers(scope)
        request_id = _given_id(headers) or f"{number:032x}"
        state = scope["state"]
        state["request_id"] = request_id
        errors = record_errors({"request_id": request_id})
        if scope["type"] == "websocket":
            await self._run_socket(scope, receive, send, errors)
            return
        traces: TraceCollector = state["traces"]
        trace = traces.start(TraceContext.from_headers(headers), trace_id=number)
        if trace.trace_id != number or b"x-request-id" in headers:
            errors.fields["trace_id"] = f"{trace.trace_id:032x}"
        status = 500
        response_headers = state["response_headers"] = [(b"x-request-id", request_id.encode())]

        def send_with_headers(message: Message) -> Awaitable[None]:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *response_headers]
            return send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except ClientDisconnect:
            status = _CLIENT_CLOSED_REQUEST
        finally:
            ended_at = time.perf_counter()
            seconds = ended_at - trace.started_at
            errors.log(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                # `round` with digits takes five times as long.
                duration_ms=int(seconds * 100_000 + 0.5) / 100,
            )
            kept = end_request_trace(traces, trace, scope, status, ended_at, errors)
            record_request(scope, status, seconds, kept)
            route = scope.get("route")
            if route is not None and route.path in self._operation_paths:
                record_outcome(errors.outcome)
            record_operation_of(errors.fields, get_client_name(headers).name, seconds, errors.codes, kept)

    async def _run_socket(self, scope: Scope, receive: Receive, send: Send, errors: ErrorRecord) -> None:
        started_at = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        except WebSocketDisconnect:
            raise
        except Exception as error:
            # The server logs the traceback.
            errors.add(ErrorCode.INTERNAL_SERVER_ERROR.value, type(error).__name__, error=error)
            raise
        finally:
            errors.log("socket closed", path=scope["path"], duration_s=round(time.perf_counter() - started_at, 1))
            if errors.fault is not None:
                # Its operations were not received.
                record_outcome(errors.outcome)


def get_request_id(connection: HTTPConnection) -> str:
    request_id: str = connection.scope["state"]["request_id"]
    return request_id


def _given_id(headers: Mapping[bytes, bytes]) -> str | None:
    given = headers.get(b"x-request-id")
    return given.decode() if given is not None and _REQUEST_ID_PATTERN.fullmatch(given) else None
