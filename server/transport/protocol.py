"""HTTP/1.1 as uvicorn speaks it, with limits for all that a client sends or does not read, and an orderly end.

uvicorn limits neither URLs nor headers, and httptools joins the pieces of an unfinished one quadratically. uvicorn
waits without an end for clients that send nothing or read nothing, and parses any number of pipelined requests. When it
stops it closes connections on which no request runs, also those whose request is on its way.
"""

import asyncio
import random
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from typing import Any, NoReturn

import httptools
import structlog
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.transport.backlog import Backlog, TurnTaker
from server.transport.flow import Flow
from server.transport.guard import Reason
from server.transport.rejections import Rejection
from server.transport.state import HttpState

log = structlog.get_logger()

# Of the request line, besides the URL: the method, the version, spaces.
_REQUEST_LINE_BYTES = 64
# Of each header: the colon, a space, the line's end.
_HEADER_OVERHEAD_BYTES = 4

# A client that is still sending does not read yet. Closing immediately would reset the connection, and the client might
# never see the answer: what it sends is discarded for a while.
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1_048_576
# What is received behind the answer to an unfinished request, until the connection is closed.
_MAX_IGNORED_BYTES = 16 * 1_048_576
# Fed to the parser at once. Each request of a piece becomes objects of some kilobytes, however short it is: the rest of
# what was received waits until the requests in the piece before it are answered.
_PIECE_BYTES = 16_384
# As long as parsing these takes what is charged for: a pipelined request, and a chunk of a body.
_REQUEST_BYTES = 2_048
_CHUNK_BYTES = 64
# While the server stops: longer than that no idle connection delays it.
_STOPPING_KEEP_ALIVE_SECONDS = 5.0


class _Rejected(Exception):
    """Ends the parser's work on this connection."""


class _Phase(Enum):
    """What the connection waits for."""

    FIRST_BYTE = "first byte"
    HEAD = "head"
    BODY = "body"
    ANSWER = "answer"
    NEXT_REQUEST = "next request"


class HttpProtocol(HttpToolsProtocol, TurnTaker):
    """One connection."""

    server_state: HttpState
    flow: Flow
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
        self._max_header_bytes = server_state.limits.header_bytes
        self._max_url_bytes = server_state.limits.url_bytes
        # What arrives in so few bytes has no part that is too long.
        self._unchecked_bytes = min(self._max_header_bytes, self._max_url_bytes)
        self._in_head = True
        # Received since the parser last passed something on: an upper bound of what it holds, but where a head began in
        # the piece in which the request before it ended.
        self._pending_bytes = 0
        self._is_cut = False
        self._rejection = Rejection(HTTPStatus.BAD_REQUEST, "The request is not valid HTTP/1.1.")
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
        self._phase = _Phase.FIRST_BYTE
        self._phase_scope: object = None
        self._phase_since = self._checked_at = server_state.guard.now

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        HttpToolsProtocol.connection_made(self, self.watch(transport))
        self.flow = Flow(self.transport)
        refusal = self.guard.admit(self)
        if refusal is not None:
            self._rejection = Rejection.of_connection(refusal)
            self._send_rejection()

    def data_received(self, data: bytes) -> None:
        size, turns = len(data), self.turns
        if self._is_rejected:
            self._discard(size, _LINGER_BYTES)
        elif size > _PIECE_BYTES or turns.left <= 0 or self.backlog:
            self.hold_back(data)
        else:
            turns.left -= size
            self.parse(data)

    def parse(self, data: bytes | memoryview) -> None:
        self._pending_bytes += len(data)
        try:
            self.parser.feed_data(data)
            if self._pending_bytes > self._unchecked_bytes:
                self._check_unfinished()
            elif not self._pending_bytes and self._in_head and self.scope is not self.cycle.scope:
                self._is_cut = True
        except httptools.HttpParserUpgrade:
            if not self._should_upgrade():
                self._unsupported_upgrade_warning()
            elif self._is_answering():
                self._rejection = Rejection(HTTPStatus.BAD_REQUEST, "A WebSocket needs a connection of its own.")
                self._send_rejection()
            else:
                self.handle_websocket_upgrade()
        except (httptools.HttpParserError, _Rejected):
            self._send_rejection()
        else:
            if not self._in_head or self._pending_bytes or self._is_cut:
                self._count_unfinished(len(data))
            if self.pipeline:
                self.turns.left -= len(self.pipeline) * _REQUEST_BYTES
                self.flow.hold()

    def may_parse(self) -> bool:
        return not (self.pipeline or self._is_unsent or self._is_rejected or self.transport.is_closing())

    def count_backlog(self) -> None:
        if self._is_rejected:
            return
        size = self._unfinished_bytes + len(self.backlog)
        if size:
            self._is_unfinished = True
        if self._is_unfinished:
            self.guard.count_unfinished(self, size)

    def read_no_more(self) -> None:
        self.flow.hold()

    def read_again(self) -> None:
        if not self.pipeline and not self._is_unsent:
            self.flow.release()

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

    def handle_websocket_upgrade(self) -> None:
        # The other protocol has the connection from now on.
        self._is_rejected = True
        self.backlog.clear()
        self.flow.release()
        self.flow.resume_reading()
        self.guard.remove(self)
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.add_unsent(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.drained(self)
        if self._is_unsent:
            self._is_unsent = False
            self._go_on()

    def on_response_complete(self) -> None:
        """Unlike uvicorn's it sets no timer: the guard sees connections that are idle for long."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if self.flow.write_paused:
            # A client that does not read gets no second answer.
            self._is_unsent = True
            self.flow.hold()
        else:
            self._go_on()

    def _go_on(self) -> None:
        """To the next request."""
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self._start_asgi_task(cycle, app)
        if self.backlog:
            # The rest of this request may be in it.
            self.settle_backlog()
        elif not self.pipeline:
            self.flow.release()
            self.flow.resume_reading()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._running = cycle
        HttpToolsProtocol._start_asgi_task(self, cycle, app)

    def shutdown(self) -> None:
        """The server stops: the answer to the newest request is the last one.

        A connection without a request stays open, for one may be on its way.
        """
        if self.cycle is not None and not self.cycle.response_complete:
            self._close_after(self.cycle)

    # Called by the parser, with each request: the base class by its name is faster than by super().

    def on_headers_complete(self) -> None:
        if self._is_cut or not 0 < self._pending_bytes <= self._unchecked_bytes:
            self._check_head()
        self._in_head = False
        self._pending_bytes = 0
        if not self.server_state.is_stopping:
            HttpToolsProtocol.on_headers_complete(self)
            return
        previous = self.cycle
        HttpToolsProtocol.on_headers_complete(self)
        if self.cycle is not previous:
            self._close_after(self.cycle)

    def on_body(self, body: bytes) -> None:
        self._pending_bytes = 0
        HttpToolsProtocol.on_body(self, body)

    def on_chunk_header(self) -> None:
        # Trailers may follow. Nothing here reads them, and one called Authorization must not become a header.
        self.turns.left -= _CHUNK_BYTES
        if self.headers is self.scope["headers"]:
            self.headers = []

    def on_message_complete(self) -> None:
        if self.headers is not self.scope["headers"]:
            self._check_size(self.headers, "trailers")
        self._in_head = True
        self._is_cut = False
        self._pending_bytes = 0
        if self._is_unfinished:
            self._is_unfinished = False
            self._unfinished_bytes = self._discarded_bytes = 0
            self.guard.finish(self)
        HttpToolsProtocol.on_message_complete(self)

    # Limits

    def _check_head(self) -> None:
        """Of a head that is complete."""
        if len(self.url) > self._max_url_bytes:
            self._reject_url()
        self._check_size(self.headers, "headers")

    def _check_size(self, headers: list[tuple[bytes, bytes]], name: str) -> None:
        size = sum(len(key) + len(value) + _HEADER_OVERHEAD_BYTES for key, value in headers)
        if size > self._max_header_bytes:
            self._reject_headers(name)

    def _check_unfinished(self) -> None:
        """Of a head or of trailers whose end has not arrived."""
        if not self._in_head:
            if self._pending_bytes > self._max_header_bytes:
                self._reject_headers("trailers")
            return
        url_bytes = len(self.url) if self.scope is not None else 0
        if url_bytes > self._max_url_bytes:
            self._reject_url()
        if self._pending_bytes - url_bytes > self._max_header_bytes + _REQUEST_LINE_BYTES:
            self._reject_headers("headers")

    def _reject_url(self) -> NoReturn:
        message = f"The URL is longer than {self._max_url_bytes} bytes. Send the operation by POST."
        self._rejection = Rejection(HTTPStatus.REQUEST_URI_TOO_LONG, message)
        raise _Rejected

    def _reject_headers(self, name: str) -> NoReturn:
        message = f"The {name} have more than {self._max_header_bytes} bytes."
        self._rejection = Rejection(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        raise _Rejected

    def _count_unfinished(self, size: int) -> None:
        """Of a request that is answered already nothing is kept."""
        self._is_unfinished = True
        if not self._in_head and self.cycle.response_complete:
            self._discard(size, _MAX_IGNORED_BYTES)
            return
        self._unfinished_bytes += size
        self.guard.count_unfinished(self, self._unfinished_bytes + len(self.backlog))

    def reject_unfinished(self) -> None:
        self._rejection = Rejection.of_unfinished()
        self._send_rejection()

    def _send_rejection(self) -> None:
        self._is_rejected = True
        self.backlog.clear()
        self.guard.finish(self)
        rejection = self._rejection
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
        self.transport.write(rejection.response(self.server_state.default_headers, request_id))
        self._linger()

    # Deadlines

    def check(self, now: float) -> None:
        elapsed, self._checked_at = now - self._checked_at, now
        self.check_sending(now)
        if self._is_rejected or self.transport.is_closing():
            return
        phase = self._current_phase()
        if phase is not self._phase or self.scope is not self._phase_scope:
            self._phase, self._phase_scope, self._phase_since = phase, self.scope, now
            return
        if phase is _Phase.ANSWER:
            return
        if self.flow.read_paused:
            # The client is not to blame.
            self._phase_since += elapsed
        waited, limits = now - self._phase_since, self.guard.limits
        match phase:
            case _Phase.FIRST_BYTE:
                if waited >= limits.first_byte_seconds:
                    self._close(Reason.SILENT)
            case _Phase.NEXT_REQUEST:
                if waited >= self._keep_alive_seconds():
                    self._close(Reason.IDLE)
            case _Phase.HEAD:
                if waited >= limits.head_seconds:
                    self._time_out(Reason.HEAD, f"The head did not arrive within {limits.head_seconds:g} seconds.")
            case _Phase.BODY:
                received = self._unfinished_bytes + self._discarded_bytes
                if waited >= limits.body_grace_seconds + received / limits.body_min_rate:
                    message = f"The body arrives at less than {limits.body_min_rate:g} bytes per second."
                    self._time_out(Reason.BODY, message)

    def waiting_since(self) -> float | None:
        if self._is_rejected or self.backlog or self.transport.is_closing():
            return None
        phase = self._current_phase()
        if phase in (_Phase.ANSWER, _Phase.BODY):
            return None
        is_same = phase is self._phase and self.scope is self._phase_scope
        return self._phase_since if is_same else self.guard.now

    def _current_phase(self) -> _Phase:
        if not self._in_head:
            return _Phase.BODY
        if self._is_unsent or self._is_answering():
            return _Phase.ANSWER
        if self._pending_bytes or self._is_cut:
            return _Phase.HEAD
        return _Phase.FIRST_BYTE if self.cycle is None else _Phase.NEXT_REQUEST

    def _is_answering(self) -> bool:
        return self._running is not None and not self._running.response_complete

    def _keep_alive_seconds(self) -> float:
        if self.server_state.is_stopping:
            return min(self.timeout_keep_alive, _STOPPING_KEEP_ALIVE_SECONDS)
        return self.timeout_keep_alive

    def _time_out(self, reason: Reason, message: str) -> None:
        self.guard.closed[reason] += 1
        self._rejection = Rejection(HTTPStatus.REQUEST_TIMEOUT, message)
        self._send_rejection()

    def _close(self, reason: Reason) -> None:
        self.guard.closed[reason] += 1
        self.transport.close()

    # The end of a connection

    def _close_after(self, cycle: RequestResponseCycle) -> None:
        """The answer to this request is the last one; the one before it, where it was to be the last, is not."""
        last = self._last_cycle
        if last is cycle or not cycle.keep_alive or (self.backlog and not self._is_rejected):
            return
        if last is not None and not last.response_started:
            last.keep_alive = True
        cycle.keep_alive = False
        self._last_cycle = cycle

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

    def _discard(self, size: int, limit: int) -> None:
        self._discarded_bytes += size
        if self._discarded_bytes > limit:
            self.transport.close()
