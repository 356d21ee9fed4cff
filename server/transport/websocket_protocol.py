"""WebSockets as uvicorn speaks them, with limits for clients that do not read, or send half a message.

uvicorn's takes a handshake that was refused with a response for one that nobody answered.
"""

import asyncio
from typing import Any, cast

from uvicorn._types import ASGIReceiveEvent, ASGISendEvent
from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import CloseCode, Frame

from server.transport.backlog import Backlog, TurnTaker
from server.transport.guard import Reason
from server.transport.state import HttpState

# Of each frame that is kept, besides its bytes: also an empty one takes memory.
_FRAME_BYTES = 64
# Times the longest message: what a message and its frames may take.
_MAX_FRAMING = 2
# Parsed at once. All messages in it are queued, however short they are; the rest waits until they are taken.
_PIECE_BYTES = 4_096
# As long as parsing a frame takes what is charged for, besides its bytes.
_FRAME_CHARGE = 2_048


class WebSocketProtocol(WebSocketsSansIOProtocol, TurnTaker):
    """One connection. HTTP, which it begins as, has been admitted."""

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
        # Of messages that wait until the client has read others.
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
        # The base class removes it, and fails where it is gone.
        self.connections.add(self)
        self.backlog.clear()
        super().connection_lost(exc)
        self.guard.remove(self)

    # What the client does not read

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.add_unsent(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.drained(self)
        self.settle_backlog()

    def unsent_bytes(self) -> int:
        return 0 if self._is_aborted else super().unsent_bytes() + self._waiting_bytes

    async def send(self, message: ASGISendEvent) -> None:
        if not self.writable.is_set():
            await self._wait_for_room(message)
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
            # Otherwise it logs an error: anybody could fill the log.
            self.handshake_complete = True
        if message["type"] == "websocket.close" and self.backlog:
            # The client's own close may be in it.
            self.settle_backlog()

    async def _wait_for_room(self, message: ASGISendEvent) -> None:
        """All that wait wake together, and the first of them may use up the room."""
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
        """Its answer waits in the buffer, too: a client that does not read is not read."""
        super().handle_ping()
        if not self.writable.is_set():
            self.read_no_more()

    # What the client sends, and in which turns

    def data_received(self, data: bytes) -> None:
        size, turns = len(data), self.turns
        if not self.handshake_initiated or (size <= _PIECE_BYTES and turns.left > 0 and not self.backlog):
            turns.left -= size
            self.parse(data)
            if self._unfinished_bytes or self.frames or self.conn.reader.buffer:
                self.count_backlog()
        else:
            self.hold_back(data)

    def parse(self, piece: bytes | memoryview) -> None:
        # websockets extends a bytearray by it.
        super().data_received(cast("bytes", piece))

    def handle_events(self) -> None:
        self.turns.left -= _FRAME_CHARGE * len(self.conn.events)
        super().handle_events()

    async def receive(self) -> ASGIReceiveEvent:
        if not self.queue.empty():
            # Several messages came at once: between them others have their turns.
            await asyncio.sleep(0)
        message = await self.queue.get()
        if self.read_paused and self.queue.empty():
            self.settle_backlog()
        return message

    def may_parse(self) -> bool:
        if self.close_sent:
            return not self.transport.is_closing()
        return self.queue.empty() and self.writable.is_set()

    def read_no_more(self) -> None:
        if not self.read_paused:
            self.read_paused = True
            self.transport.pause_reading()

    def read_again(self) -> None:
        if self.read_paused and self.may_parse():
            self.read_paused = False
            self.transport.resume_reading()

    # What the client does not send

    def send_receive_event_to_app(self) -> None:
        self._has_completed = True
        self._continuation_bytes = 0
        super().send_receive_event_to_app()

    def handle_cont(self, event: Frame) -> None:
        self._continuation_bytes += len(event.data) + _FRAME_BYTES
        super().handle_cont(event)
        if self.frames and self._continuation_bytes > _MAX_FRAMING * (self.config.ws_max_size or 0):
            self._fail(CloseCode.MESSAGE_TOO_BIG, "A message has too many frames.")

    def count_backlog(self) -> None:
        """With a frame, and a message in several frames, that has arrived in part."""
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
        self._fail(CloseCode.TRY_AGAIN_LATER, "Too many messages are being sent.")

    def check(self, now: float) -> None:
        elapsed, self._checked_at = now - self._checked_at, now
        self.check_sending(now)
        if not self._unfinished_bytes or self.close_sent:
            self._unfinished_since = None
        elif self._unfinished_since is None:
            self._unfinished_since = now
        elif self.read_paused:
            # The client is not to blame.
            self._unfinished_since += elapsed
        else:
            limits = self.guard.limits
            allowed = limits.body_grace_seconds + self._unfinished_bytes / limits.body_min_rate
            if now - self._unfinished_since >= allowed:
                self.guard.closed[Reason.BODY] += 1
                self._fail(CloseCode.POLICY_VIOLATION, "A message arrives too slowly.")

    def waiting_since(self) -> float | None:
        """Never idle: its pings show whether the client is there."""
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
