"""The lifetime of one WebSocket connection."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from common.task_set import TaskSet
from common.tracing.trace_context import TraceContext
from domain.errors import AccountBlocked, AccountDeleted, ClientError, RateLimited, Unauthenticated
from domain.request_limits import RequestLimit
from server.context import RequestInfo
from server.error_format import format_request_error
from server.graphql.cost_charge import CostOptions
from server.graphql.handler import GraphQLHandler
from server.graphql.subscriptions import StreamClosed, StreamEvent, Subscriptions
from server.graphql.websocket.messages import ClientMessage, CloseCode, CloseSocket, parse_message
from server.graphql.websocket.viewer_sockets import ViewerSockets
from server.http.headers import get_headers
from server.http.request import GraphQLRequest
from server.observability.error_log import record_bug, record_error, record_errors
from server.observability.request_metrics import record_operation_of, record_outcome
from server.observability.request_traces import end_socket_trace

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`init_timeout`: seconds until connection_init. `max_operations`: concurrent. `idle` and `anonymous_idle`: seconds
    without an operation, of a viewer and of an anonymous client.

    The transport limits the length of messages.
    """

    init_timeout: float
    max_operations: int
    idle: float
    anonymous_idle: float


class Connection:
    """Handles messages; each operation runs in a task, whose events are read as fast as they can be sent."""

    def __init__(
        self,
        socket: WebSocket,
        handler: GraphQLHandler,
        subscriptions: Subscriptions,
        viewer_sockets: ViewerSockets,
        limits: ConnectionLimits,
    ) -> None:
        self._socket = socket
        self._handler = handler
        self._subscriptions = subscriptions
        self._viewer_sockets = viewer_sockets
        self._limits = limits
        self._request_info: RequestInfo | None = None
        # Of operations that state none.
        self._trace_parent: TraceContext | None = None
        self._is_initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        # Includes tasks that still end after their id was released.
        self._tasks = TaskSet()
        self._main: asyncio.Task[Any] | None = None
        self._closing: CloseSocket | None = None
        self._timers: list[asyncio.TimerHandle] = []
        self._idle_timer: asyncio.TimerHandle | None = None
        self._viewer_id: UUID | None = None
        self.idle_since: float | None = None

    async def run(self) -> None:
        """Handle messages until either side closes the socket, then cancel all operations."""
        self._main = asyncio.current_task()
        self._close_after(
            self._limits.init_timeout,
            CloseSocket(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "Connection initialisation timeout"),
        )
        try:
            while True:
                await self._handle(parse_message(await self._receive()))
        except WebSocketDisconnect:
            pass
        except CloseSocket as closing:
            self._closing = closing
        except asyncio.CancelledError:
            if self._closing is None or self._main is None or self._main.uncancel():
                raise
        finally:
            self._end_idle()
            if self._viewer_id is not None:
                self._viewer_sockets.remove(self._viewer_id, self)
            for timer in self._timers:
                timer.cancel()
            await self._tasks.close()
            if self._closing is not None and self._socket.client_state is WebSocketState.CONNECTED:
                await self._socket.close(self._closing.code, self._closing.reason)

    async def _receive(self) -> str | bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        return message.get("text") or message.get("bytes") or ""

    async def _handle(self, message: ClientMessage) -> None:
        match message.type:
            case "connection_init":
                await self._initialise(message)
            case "ping":
                await self._pong(message.payload)
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(message)
            case "complete":
                task = self._operations.pop(message.operation_id, None)
                if task is not None:
                    task.cancel()
                    self._begin_idle()
            case _:
                raise CloseSocket(CloseCode.BAD_REQUEST, f"Unknown message type {message.type[:40]!r}.")

    async def _pong(self, payload: dict[str, Any] | None) -> None:
        """Reply with the payload of the ping."""
        try:
            await self._send(type="pong", **({} if payload is None else {"payload": payload}))
        except orjson.JSONEncodeError:
            raise CloseSocket(CloseCode.BAD_REQUEST, "`payload` is nested too deeply.") from None

    async def _initialise(self, message: ClientMessage) -> None:
        if self._is_initialised:
            raise CloseSocket(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "Too many initialisation requests")
        self._is_initialised = True
        authorization = _get_authorization(message.payload or {})
        request_info = RequestInfo.from_connection(self._socket).with_authorization(authorization)
        try:
            expires_at = await request_info.expires_at()
            viewer = await request_info.viewer()
        except Unauthenticated as error:
            record_error(error)
            raise CloseSocket(CloseCode.FORBIDDEN, error.message) from None
        except (AccountBlocked, AccountDeleted) as error:
            record_error(error)
            # The close code is that of an invalid token, too.
            raise CloseSocket(CloseCode.FORBIDDEN, f"{error.code}: {error.message}") from None
        except ClientError as error:
            record_error(error)
            raise CloseSocket(CloseCode.SERVICE_RESTART, error.message) from None
        if viewer is not None:
            self._viewer_sockets.add(viewer.id, self)
            self._viewer_id = viewer.id
        self._timers.pop().cancel()
        if expires_at is not None:
            lifetime = (expires_at - datetime.now(UTC)).total_seconds()
            self._close_after(lifetime, CloseSocket(CloseCode.FORBIDDEN, "The token has expired. Sign in again."))
        self._request_info = request_info
        self._trace_parent = _get_trace_parent(message.payload or {}, get_headers(self._socket.scope))
        self._begin_idle()
        await self._send(type="connection_ack")

    async def _subscribe(self, message: ClientMessage) -> None:
        if self._request_info is None:
            raise CloseSocket(CloseCode.UNAUTHORIZED, "Unauthorized: send connection_init first.")
        id, parameters = message.operation_id, message.parameters
        if id in self._operations:
            raise CloseSocket(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"Subscriber for {id[:80]} already exists")
        if len(self._operations) >= self._limits.max_operations:
            # A task of its own, because its errors are counted, and logged, for each operation. The next message is
            # read after the error is sent.
            await self._tasks.spawn(self._refuse(id, self._request_info))
            return
        self._end_idle()
        self._operations[id] = self._tasks.spawn(self._run(id, parameters, self._request_info))

    async def _run(self, id: str, parameters: GraphQLRequest, request_info: RequestInfo) -> None:
        errors = record_errors({"request_id": request_info.request_id})
        request_info = request_info.with_extensions(parameters.extensions)
        traces = request_info.state.traces
        # Browsers cannot send headers with a handshake, and a connection has operations of many traces.
        parent = TraceContext.from_fields(parameters.extensions) or self._trace_parent
        trace = traces.start(parent)
        if parent is not None:
            errors.fields["trace_id"] = f"{trace.trace_id:032x}"
        try:
            try:
                cost_options = CostOptions.parse(parameters.extensions)
                loaded = await self._handler.load_operation(request_info, parameters, read_only=False)
            except Exception as error:
                self._unregister(id)
                await self._send_error(id, error, request_info)
                return
            async with aclosing(self._subscriptions.run(loaded, request_info, cost_options)) as events:
                async for event in events:
                    # Pings of the WebSocket protocol replace keep-alives.
                    if isinstance(event, StreamEvent):
                        await self._send(type="next", id=id, payload=orjson.Fragment(event.payload.encoded))
            self._unregister(id)
            await self._send(type="complete", id=id)
        except StreamClosed:
            self.close(CloseSocket(CloseCode.SERVICE_RESTART, "Service restart: connect again."))
        except WebSocketDisconnect:
            # `run` receives the disconnect, too.
            log.debug("client disconnected", operation_id=id)
        except Exception as error:
            record_bug("stream failed", error)
            self.close(CloseSocket(CloseCode.INTERNAL_ERROR, "Internal server error."))
        finally:
            self._unregister(id)
            ended_at = time.perf_counter()
            seconds = ended_at - trace.started_at
            errors.log("operation", operation_id=id, duration_ms=round(seconds * 1000, 2))
            kept = end_socket_trace(traces, trace, request_info.client.name, ended_at, errors)
            record_outcome(errors.outcome)
            record_operation_of(errors.fields, request_info.client.name, seconds, errors.codes, kept)

    async def _refuse(self, id: str, request_info: RequestInfo) -> None:
        """Reject an operation beyond the limit of the socket."""
        errors = record_errors({"request_id": request_info.request_id})
        error = RateLimited(
            f"Limit of {self._limits.max_operations} concurrent operations per socket reached.",
            retry_after=1,
            limit=RequestLimit.STREAMS_PER_SOCKET.value,
        )
        try:
            await self._send_error(id, error, request_info)
        finally:
            errors.log("operation", operation_id=id)
            record_outcome(errors.outcome)

    def _unregister(self, id: str) -> None:
        """Release the id, unless another operation uses it already."""
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]
            self._begin_idle()

    async def _send_error(self, id: str, error: Exception, request_info: RequestInfo) -> None:
        await self._send(type="error", id=id, payload=format_request_error(error, request_info.request_id))

    async def _send(self, **message: object) -> None:
        if WebSocketState.DISCONNECTED in (self._socket.client_state, self._socket.application_state):
            raise WebSocketDisconnect
        await self._socket.send_text(orjson.dumps(message).decode())

    def _begin_idle(self) -> None:
        """Close the socket later, unless it starts an operation."""
        if not self._operations and self._closing is None:
            self._end_idle()
            closing = CloseSocket(CloseCode.IDLE, "No operation for a long time; connect again when you have one.")
            loop = asyncio.get_running_loop()
            seconds = self._limits.anonymous_idle if self._viewer_id is None else self._limits.idle
            self._idle_timer = loop.call_later(seconds, self.close, closing)
            self.idle_since = loop.time()

    def _end_idle(self) -> None:
        self.idle_since = None
        if self._idle_timer is not None:
            self._idle_timer.cancel()

    def _close_after(self, seconds: float, closing: CloseSocket) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(max(0.0, seconds), self.close, closing))

    def close(self, closing: CloseSocket) -> None:
        """Close the socket, unless it is closing already."""
        if self._closing is None and self._main is not None:
            self._closing = closing
            self._main.cancel()


def _get_authorization(payload: dict[str, Any]) -> str | None:
    """Return `Authorization` of connection_init's payload, or of `headers` in it. Raises CloseSocket."""
    for container in _containers(payload):
        for name, value in container.items():
            if name.lower() == "authorization" and value is not None:
                if not isinstance(value, str):
                    raise CloseSocket(CloseCode.BAD_REQUEST, "`Authorization` must be a string.")
                return value
    return None


def _get_trace_parent(payload: dict[str, Any], headers: Mapping[bytes, bytes]) -> TraceContext | None:
    """Return `traceparent` of connection_init's payload, of `headers` in it, or of the handshake."""
    for container in _containers(payload):
        parent = TraceContext.from_fields(container)
        if parent is not None:
            return parent
    return TraceContext.from_headers(headers)


def _containers(payload: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    headers = payload.get("headers")
    return payload, headers if isinstance(headers, dict) else {}
