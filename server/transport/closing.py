"""How connections end: with a last answer that the client has time to read."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.http.cors import cors_headers
from server.transport.backlog import Backlog, TurnTaker
from server.transport.flow import Flow
from server.transport.rejections import Rejection
from server.transport.state import HttpState

log = structlog.get_logger()

# A client that is still sending does not read yet. Closing immediately would reset the connection, and the client might
# never see the answer: what it sends is discarded for a while.
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1_048_576
# What is received behind the answer to an unfinished request, until the connection is closed.
_MAX_IGNORED_BYTES = 16 * 1_048_576


class ClosingProtocol(HttpToolsProtocol, TurnTaker):
    """The state of a connection, and its end."""

    server_state: HttpState
    flow: Flow

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
        self._in_head = True
        # Received since the parser last passed something on: an upper bound of what it holds, but where a head began in
        # the piece in which the request before it ended.
        self._pending_bytes = 0
        self._is_cut = False
        # Of the newest request that runs; `cycle` is of the newest that was received.
        self._running: RequestResponseCycle | None = None
        self._last_cycle: RequestResponseCycle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        # After a rejection the parser is of no use any more.
        self._is_rejected = False
        self._discarded_bytes = 0
        # Of a request that has not arrived whole, as the guard counts them.
        self._is_unfinished = False
        self._unfinished_bytes = 0
        # A response is complete and not sent: the next request waits for that.
        self._is_unsent = False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self.guard.lingering -= 1
        self.guard.remove(self)
        running = self._running
        if running is not None and running is not self.cycle and not running.response_complete:
            # uvicorn tells the newest request alone.
            running.disconnected = True
            running.message_event.set()
        self.pipeline.clear()
        self.backlog.clear()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """The server stops: the answer to the newest request is the last one.

        A connection without a request stays open, for one may be on its way.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            self._close_after(self.cycle)

    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _close_after(self, cycle: RequestResponseCycle) -> None:
        """The answer to this request is the last one; the one before it, where it was to be the last, is not."""
        last = self._last_cycle
        if last is cycle or not cycle.keep_alive or (self.backlog and not self._is_rejected):
            return
        if last is not None and not last.response_started:
            last.keep_alive = True
        cycle.keep_alive = False
        self._last_cycle = cycle

    def reject_unfinished(self) -> None:
        self.reject(Rejection.of_unfinished())

    def reject(self, rejection: Rejection) -> None:
        """The last answer, where one can still be given."""
        self._is_rejected = True
        self.backlog.clear()
        self.guard.finish(self)
        request_id = f"{random.getrandbits(128):032x}"
        if not rejection.is_of_connection:
            self.server_state.rejected[rejection.status] += 1
            log.info("request rejected", status=rejection.status.value, reason=rejection.message, request_id=request_id)
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._in_head:
                # Answers keep the order of requests: the one that is still to come is the last.
                self._close_after(cycle)
                self.flow.pause_reading()
                return
            # It is rejected after its head: the application learns that the client is gone.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.transport.close()
                return
        elif cycle is not None and not self._in_head:
            # It is answered already.
            self.transport.close()
            return
        headers = self.server_state.default_headers + self._cors_headers()
        self.transport.write(rejection.response(headers, request_id))
        self._linger()

    def _cors_headers(self) -> list[tuple[bytes, bytes]]:
        """Where the origin has arrived: that of the request before it is another one's, behind a proxy."""
        if self.scope is None or (self._in_head and self.cycle is not None and self.scope is self.cycle.scope):
            return []
        for name, value in self.scope["headers"]:
            if name == b"origin" and self.server_state.allows_origin(value.decode("latin-1")):
                return cors_headers(value)
        return []

    def _linger(self) -> None:
        if self.transport.is_closing():
            return
        if not self.guard.may_linger():
            self.transport.close()
            return
        self.guard.lingering += 1
        self._lingering = self.loop.call_later(_LINGER_SECONDS, self.transport.close)
        self.flow.release()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            # The client may be gone, which is read a little later.
            with suppress(OSError):
                self.transport.write_eof()

    def _discard_after_rejection(self, size: int) -> None:
        self._discard(size, _LINGER_BYTES)

    def _discard_after_response(self, size: int) -> None:
        """Of a request that is answered already."""
        self._discard(size, _MAX_IGNORED_BYTES)

    def _discard(self, size: int, limit: int) -> None:
        self._discarded_bytes += size
        if self._discarded_bytes > limit:
            self.transport.close()
