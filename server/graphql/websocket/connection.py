"""One WebSocket, from its first message to its last."""

import asyncio
import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from common.task_set import cancel_and_wait
from domain.errors import ClientError, RateLimited, Unauthenticated
from server.graphql.handler import Pipeline, errors_of
from server.graphql.subscriptions import StreamCaller, StreamEvent, StreamInterrupted, Streams
from server.graphql.websocket.messages import ClientMessage, CloseCode, Closed, parsed
from server.http.request import GraphQLRequest
from server.observability.error_log import record_bug, record_error, record_errors

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """`init_seconds`: for the first message. `operations`: at once. `message_bytes`: of one from the client."""

    init_seconds: float
    operations: int
    message_bytes: int


class Connection:
    """Reads messages and answers them; each operation runs in a task of its own, and is pulled as fast as is sent."""

    def __init__(
        self,
        socket: WebSocket,
        pipeline: Pipeline,
        streams: Streams,
        caller_of: Callable[[str | None], StreamCaller],
        limits: ConnectionLimits,
    ) -> None:
        self._socket = socket
        self._pipeline = pipeline
        self._streams = streams
        self._caller_of = caller_of
        self._limits = limits
        self._caller: StreamCaller | None = None
        self._initialised = False
        self._operations: dict[str, asyncio.Task[None]] = {}
        # Those whose id is free again have not all ended.
        self._tasks: set[asyncio.Task[None]] = set()
        self._main: asyncio.Task[Any] | None = None
        self._closing: Closed | None = None
        self._timers: list[asyncio.TimerHandle] = []

    async def run(self) -> None:
        """Until either side closes it; then everything it began is stopped."""
        self._main = asyncio.current_task()
        self._close_in(
            self._limits.init_seconds,
            Closed(CloseCode.CONNECTION_INITIALISATION_TIMEOUT, "No connection_init came in time."),
        )
        try:
            while True:
                await self._handle(parsed(await self._receive()))
        except WebSocketDisconnect:
            pass
        except Closed as closed:
            self._closing = closed
        except asyncio.CancelledError:
            if self._closing is None or self._main is None or self._main.uncancel():
                raise
        finally:
            for timer in self._timers:
                timer.cancel()
            await self._stop_operations()
            if self._closing is not None and self._socket.client_state is WebSocketState.CONNECTED:
                await self._socket.close(self._closing.code, self._closing.reason)

    async def _receive(self) -> str | bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1000))
        text: str | bytes = message.get("text") or message.get("bytes") or ""
        if len(text) > self._limits.message_bytes:
            raise Closed(CloseCode.BAD_REQUEST, f"A message is longer than {self._limits.message_bytes} bytes.")
        return text

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
            case _:
                raise Closed(CloseCode.BAD_REQUEST, f"type: {message.type[:40]!r} is not known.")

    async def _pong(self, payload: dict[str, Any] | None) -> None:
        """With the payload of the ping."""
        try:
            await self._send(type="pong", **({} if payload is None else {"payload": payload}))
        except orjson.JSONEncodeError:
            raise Closed(CloseCode.BAD_REQUEST, "payload: it is nested too deeply.") from None

    async def _initialise(self, message: ClientMessage) -> None:
        if self._initialised:
            raise Closed(CloseCode.TOO_MANY_INITIALISATION_REQUESTS, "connection_init came twice.")
        self._initialised = True
        caller = self._caller_of(_authorization(message.payload or {}))
        try:
            expires_at = await caller.expires_at()
            await caller.viewer()
        except Unauthenticated as error:
            record_error(error)
            raise Closed(CloseCode.FORBIDDEN, error.message) from None
        except ClientError as error:
            record_error(error)
            raise Closed(CloseCode.SERVICE_RESTART, error.message) from None
        self._timers.pop().cancel()
        if expires_at is not None:
            left = (expires_at - datetime.now(UTC)).total_seconds()
            self._close_in(left, Closed(CloseCode.FORBIDDEN, "The token has expired. Sign in again."))
        self._caller = caller
        await self._send(type="connection_ack")

    async def _subscribe(self, message: ClientMessage) -> None:
        if self._caller is None:
            raise Closed(CloseCode.UNAUTHORIZED, "connection_init comes first.")
        id, parameters = message.operation_id, message.parameters
        if id in self._operations:
            raise Closed(CloseCode.SUBSCRIBER_ALREADY_EXISTS, f"There is an operation {id[:80]!r} already.")
        if len(self._operations) >= self._limits.operations:
            busy = RateLimited(f"{self._limits.operations} operations run on this socket.", retry_after=1)
            await self._send(type="error", id=id, payload=errors_of(busy, self._caller.request_id))
            return
        task = self._operations[id] = asyncio.create_task(self._run(id, parameters, self._caller))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, id: str, parameters: GraphQLRequest, caller: StreamCaller) -> None:
        errors, started_at = record_errors({"request_id": caller.request_id}), time.perf_counter()
        try:
            try:
                operation = await self._pipeline.prepare(caller, parameters, read_only=False)
            except Exception as error:
                self._forget(id)
                await self._send(type="error", id=id, payload=errors_of(error, caller.request_id))
                return
            async with aclosing(self._streams.run(operation, caller)) as events:
                async for event in events:
                    # The protocol's own pings show whether the client is there.
                    if isinstance(event, StreamEvent):
                        await self._send(type="next", id=id, payload=orjson.Fragment(event.body.encoded))
            self._forget(id)
            await self._send(type="complete", id=id)
        except StreamInterrupted:
            self._close(Closed(CloseCode.SERVICE_RESTART, "Connect again."))
        except WebSocketDisconnect:
            # The client left while something was sent to it: the other task notices too.
            log.debug("a client left", operation_id=id)
        except Exception as error:
            record_bug("stream failed", error)
            self._close(Closed(CloseCode.INTERNAL_ERROR, "Something went wrong on our side."))
        finally:
            self._forget(id)
            errors.log("operation", operation_id=id, duration_ms=round((time.perf_counter() - started_at) * 1000, 2))

    def _forget(self, id: str) -> None:
        """From now on the id can be used again; unless it is used again already."""
        if self._operations.get(id) is asyncio.current_task():
            del self._operations[id]

    async def _send(self, **message: object) -> None:
        if WebSocketState.DISCONNECTED in (self._socket.client_state, self._socket.application_state):
            raise WebSocketDisconnect
        await self._socket.send_text(orjson.dumps(message).decode())

    def _close_in(self, seconds: float, closed: Closed) -> None:
        self._timers.append(asyncio.get_running_loop().call_later(max(0.0, seconds), self._close, closed))

    def _close(self, closed: Closed) -> None:
        if self._closing is None and self._main is not None:
            self._closing = closed
            self._main.cancel()

    async def _stop_operations(self) -> None:
        await cancel_and_wait(*self._tasks)


def _authorization(payload: dict[str, Any]) -> str | None:
    """As HTTP has it, in the payload itself or, as some clients send it, in its `headers`. Raises Closed."""
    headers = payload.get("headers")
    for place in (payload, headers if isinstance(headers, dict) else {}):
        for name, value in place.items():
            if name.lower() == "authorization" and value is not None:
                if not isinstance(value, str):
                    raise Closed(CloseCode.BAD_REQUEST, "payload.Authorization: it is not a text.")
                return value
    return None
