"""uvicorn's WebSocket protocol with limits for clients that do not read, or send incomplete messages.

uvicorn's protocol treats a handshake that the application rejected with a response as unanswered, and logs an error.
"""

import asyncio
from typing import Any, cast

import structlog
from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import PayloadTooBig
from websockets.frames import CloseCode, Frame

from domain.request_limits import RequestLimit
from server.observability.error_log import count_limit
from server.transport.backlog import Backlog, ScheduledParser
from server.transport.connection_limits import CloseReason
from server.transport.state import HttpState

log = structlog.get_logger()

# Memory of a buffered frame in addition to its payload.
_FRAME_BYTES = 64
# The limit of a message and its frames, as a multiple of the longest message.
_MAX_FRAMING_FACTOR = 2
# Bytes passed to the parser in one call. The next piece is parsed after the application has received all its messages.
_PIECE_BYTES = 4_096
# Parsing a frame takes about as long as parsing this many bytes of payload.
_FRAME_COST_BYTES = 2_048


class WebSocketProtocol(WebSocketsSansIOProtocol, ScheduledParser):
    """A WebSocket connection, admitted by the guard as the HTTP connection that it was upgraded from."""

    piece_bytes = _PIECE_BYTES

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.guard = server_state.guard
        self.turns = server_state.turns
        self.backlog = Backlog()
        # Size of the messages that wait until the transport is writable.
        self._waiting_bytes = 0
        self._unfinished_bytes = 0
        self._continuation_bytes = 0
        self._unfinished_since: float | None = None
        self._has_completed = False
        self._checked_at = server_state.guard.now

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(self.watch(transport))
        self.guard.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        # The base class removes the connection, and fails if it has been removed.
        self.connections.add(self)
        self.backlog.clear()
        super().connection_lost(exc)
        self.guard.remove(self)

    # Sending

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.add_unsent(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.on_drained(self)
        self.schedule_backlog()

    def unsent_bytes(self) -> int:
        return 0 if self._is_aborted else super().unsent_bytes() + self._waiting_bytes

    async def send(self, message: ASGISendEvent) -> None:
        if not self.writable.is_set():
            await self._wait_until_writable(message)
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            # Otherwise uvicorn logs an error for each rejected handshake.
            self.handshake_complete = True
        if message["type"] == "websocket.close" and self.backlog:
            # It may contain the client's close frame.
            self.schedule_backlog()

    async def _wait_until_writable(self, message: ASGISendEvent) -> None:
        """Wait until the transport is writable; its size counts as unsent meanwhile.

        All waiters wake together, and the first may fill the buffer again.
        """
        body = message.get("text") or message.get("bytes")
        size = len(body) if isinstance(body, str | bytes) else 0
        self._waiting_bytes += size
        try:
            self.guard.add_unsent(self)
            while not self.writable.is_set():
                await self.writable.wait()
        finally:
            self._waiting_bytes -= size

    def handle_ping(self) -> None:
        """Pause reading if the pong fills the write buffer."""
        super().handle_ping()
        if not self.writable.is_set():
            self.pause_input()

    # Receiving and parsing

    def data_received(self, data: bytes) -> None:
        size, turns = len(data), self.turns
        if not self.handshake_initiated or (size <= _PIECE_BYTES and turns.left > 0 and not self.backlog):
            turns.left -= size
            self.parse(data)
            if self._unfinished_bytes or self.frames or self.conn.reader.buffer:
                self.report_backlog()
        else:
            self.enqueue_input(data)

    def parse(self, piece: bytes | memoryview) -> None:
        # websockets extends a bytearray by it.
        super().data_received(cast("bytes", piece))

    def handle_events(self) -> None:
        self.turns.left -= _FRAME_COST_BYTES * len(self.conn.events)
        super().handle_events()

    async def receive(self) -> ASGIReceiveEvent:
        if not self.queue.empty():
            # Between messages that were received together, other tasks run.
            await asyncio.sleep(0)
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.schedule_backlog()
        return message

    def can_parse(self) -> bool:
        if self.close_sent:
            return not self.transport.is_closing()
        return self.queue.empty() and self.writable.is_set()

    def pause_input(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def resume_input(self) -> None:
        if self.read_paused and self.can_parse():
            self.read_paused = False
            self.transport.resume_reading()

    # Unfinished messages

    def send_receive_event_to_app(self) -> None:
        self._has_completed = True
        self._continuation_bytes = 0
        super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        self._continuation_bytes += len(event.data) + _FRAME_BYTES
        super().handle_cont(event)
        if self.frames and self._continuation_bytes > _MAX_FRAMING_FACTOR * (self.config.ws_max_size or 0):
            self._on_message_too_big("too many frames")
            self._fail(CloseCode.MESSAGE_TOO_BIG, "Too many frames in a message.")

    def handle_parser_exception(self) -> None:
        """The parser closes the connection, with code 1009 for a message longer than `ws_max_size`."""
        error = self.conn.parser_exc
        if isinstance(error, PayloadTooBig):
            self._on_message_too_big(str(error))
        self.guard.finish(self)
        super().handle_parser_exception()

    def _on_message_too_big(self, reason: str) -> None:
        count_limit(RequestLimit.BODY_BYTES)
        log.info("message rejected", code=CloseCode.MESSAGE_TOO_BIG.value, reason=reason)

    def report_backlog(self) -> None:
        """Report the unparsed input, an incomplete frame and the frames of an incomplete message to the guard."""
        size = len(self.backlog) + len(self.conn.reader.buffer)
        if self.frames:
            size += len(self.frames[0]) + self._continuation_bytes
        if self._has_completed or not size:
            self._has_completed = False
            self.guard.finish(self)
            self._unfinished_bytes, self._unfinished_since = 0, None
        if size != self._unfinished_bytes and not self.close_sent:
            self._unfinished_bytes = size
            self.guard.count_unfinished(self, size)

    def reject_unfinished(self) -> None:
        self._fail(CloseCode.TRY_AGAIN_LATER, "Too many unfinished messages; please retry.")

    def check(self, now: float) -> None:
        elapsed, self._checked_at = now - self._checked_at, now
        self.check_sending(now)
        if not self._unfinished_bytes or self.close_sent:
            self._unfinished_since = None
        elif self._unfinished_since is None:
            self._unfinished_since = now
        elif self.read_paused:
            # The server does not read meanwhile.
            self._unfinished_since += elapsed
        else:
            limits = self.guard.limits
            allowed = limits.body_grace_seconds + self._unfinished_bytes / limits.body_min_rate
            if now - self._unfinished_since >= allowed:
                self.guard.closed[CloseReason.BODY] += 1
                self._fail(CloseCode.POLICY_VIOLATION, "Message received too slowly.")

    def idle_since(self) -> float | None:
        """WebSockets are never idle: keep-alive pings detect clients that have disconnected."""
        return None

    def _fail(self, code: CloseCode, reason: str) -> None:
        self.guard.finish(self)
        self.backlog.clear()
        if self.close_sent or self.transport.is_closing():
            return
        self.stop_keepalive()
        self.conn.fail(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.close()
