"""Closes connections after a last response that the client has time to read."""

import asyncio
import random
from contextlib import suppress
from typing import Any

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.http.cors import cors_headers
from server.transport.backlog import Backlog, ScheduledParser
from server.transport.flow import Flow
from server.transport.rejections import Rejection
from server.transport.response_cycle import ResponseCycle
from server.transport.state import HttpState

log = structlog.get_logger()

# Closing while the client is still sending would reset the connection, and the client might never read the response.
# Its input is therefore discarded for this time (a lingering close).
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 64 * 1_048_576


class ClosingProtocol(HttpToolsProtocol, ScheduledParser):
    """An HTTP connection that can be rejected, and that closes after its last response."""

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
        # Bytes received since the parser's last callback: an upper bound of what the parser buffers, except for a head
        # that starts in the same piece as the end of the previous request.
        self._pending_bytes = 0
        self._is_head_split = False
        # The newest running request; `cycle` is the newest received one.
        self._running: ResponseCycle | None = None
        self._last_cycle: RequestResponseCycle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        # The parser cannot be used after a rejection.
        self._is_rejected = False
        self._discarded_bytes = 0
        # Whether the guard counts an incompletely received request, and its size.
        self._is_unfinished = False
        self._unfinished_bytes = 0
        # A complete response is still buffered; the next request starts when the client has read it.
        self._is_unsent = False

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
            self.guard.lingering -= 1
        self.guard.remove(self)
        running = self._running
        if running is not None and running is not self.cycle and not running.response_complete:
            # uvicorn notifies only the newest request.
            running.disconnected = True
            running.message_event.set()
        self.pipeline.clear()
        self.backlog.clear()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        """Close the connection after the response to the newest request, because the server is shutting down.

        A connection without a request stays open, because one may be in flight.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            self._close_after(self.cycle)

    def _is_responding(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _close_after(self, cycle: RequestResponseCycle) -> None:
        """Make the response to this request the last one, instead of the response chosen before."""
        last = self._last_cycle
        if last is cycle or not cycle.keep_alive or (self.backlog and not self._is_rejected):
            return
        if last is not None and not last.response_started:
            last.keep_alive = True
        cycle.keep_alive = False
        self._last_cycle = cycle

    def reject_unfinished(self) -> None:
        self.reject(Rejection.for_unfinished())

    def reject(self, rejection: Rejection) -> None:
        """Send a last response, if none has started, and close the connection."""
        self._stop_parsing()
        request_id = f"{random.getrandbits(128):032x}"
        if not rejection.is_connection_refusal:
            self.server_state.rejected[rejection.status] += 1
            log.info("request rejected", status=rejection.status.value, reason=rejection.message, request_id=request_id)
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._in_head:
                # Responses are sent in the order of requests: the pending one becomes the last.
                self._close_after(cycle)
                self.flow.pause_reading()
                return
            # The request is rejected after its head: for the application the client has disconnected.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.transport.close()
                return
        elif cycle is not None and not self._in_head:
            # The response to this request is complete.
            self._linger()
            return
        headers = self.server_state.default_headers + self._cors_headers()
        self.transport.write(rejection.response(headers, request_id))
        self._linger()

    def _cors_headers(self) -> list[tuple[bytes, bytes]]:
        """Return the CORS headers if this request's Origin was received.

        The origin of the previous request does not count: behind a proxy it may be another client's.
        """
        if self.scope is None or (self._in_head and self.cycle is not None and self.scope is self.cycle.scope):
            return []
        for name, value in self.scope["headers"]:
            if name == b"origin" and self.server_state.allows_origin(value.decode("latin-1")):
                return cors_headers(value)
        return []

    def close_after_response(self) -> None:
        """Close the connection after a complete response to a request whose body is not received completely."""
        self._stop_parsing()
        self.pipeline.clear()
        self._linger()

    def _stop_parsing(self) -> None:
        """Discard the input that is not parsed yet, and any that arrives from now on."""
        self._is_rejected = True
        self.backlog.clear()
        self.guard.finish(self)

    def _linger(self) -> None:
        if self.transport.is_closing() or self._lingering is not None:
            return
        if not self.guard.can_linger():
            self.transport.close()
            return
        self.guard.lingering += 1
        self._lingering = self.loop.call_later(_LINGER_SECONDS, self.transport.close)
        self.flow.release()
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            # The client may have disconnected, which the event loop reports later.
            with suppress(OSError):
                self.transport.write_eof()

    def _discard(self, size: int) -> None:
        self._discarded_bytes += size
        if self._discarded_bytes > _LINGER_BYTES:
            self.transport.close()
