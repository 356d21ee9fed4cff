"""HTTP/1.1 as uvicorn speaks it, with limits for all that a client sends or does not read, and an orderly end.

uvicorn limits neither URLs nor headers, and httptools joins the pieces of an unfinished one quadratically. uvicorn
waits without an end for clients that send nothing or read nothing, and parses any number of pipelined requests. When it
stops it closes connections on which no request runs, also those whose request is on its way.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server.transport.deadlines import DeadlineProtocol
from server.transport.flow import Flow
from server.transport.rejections import Rejection
from server.transport.request_limits import LimitExceeded
from server.transport.state import HttpState

# Fed to the parser at once. Each request of a piece becomes objects of some kilobytes, however short it is: the rest of
# what was received waits until the requests in the piece before it are answered.
_PIECE_BYTES = 16_384
# As long as parsing these takes what is charged for: a pipelined request, and a chunk of a body.
_REQUEST_BYTES = 4_096
_CHUNK_BYTES = 128


class HttpProtocol(DeadlineProtocol):
    """One connection."""

    piece_bytes = _PIECE_BYTES

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = server_state.limits
        # What arrives in so few bytes has no part that is too long.
        self._unchecked_bytes = min(self._limits.header_bytes, self._limits.url_bytes)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        HttpToolsProtocol.connection_made(self, self.watch(cast("asyncio.Transport", transport)))
        self.flow = Flow(self.transport)
        refusal = self.guard.admit(self)
        if refusal is not None:
            self.reject(Rejection.of_connection(refusal))

    def data_received(self, data: bytes) -> None:
        size, turns = len(data), self.turns
        if self._is_rejected:
            self._discard_after_rejection(size)
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
                self.reject(Rejection(HTTPStatus.BAD_REQUEST, "A WebSocket needs a connection of its own."))
            else:
                self.handle_websocket_upgrade()
        except httptools.HttpParserError as error:
            self.reject(_rejection_of(error.__context__))
        except LimitExceeded as error:
            self.reject(error.rejection)
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
        elif self.pipeline or self.backlog or self.flow.read_paused:
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

    # Called by the parser, with each request: the base class by its name is faster than by super().

    def on_headers_complete(self) -> None:
        if self._is_cut or not 0 < self._pending_bytes <= self._unchecked_bytes:
            self._limits.check_head(self.url, self.headers)
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
            self._limits.check_trailers(self.headers)
        self._in_head = True
        self._is_cut = False
        self._pending_bytes = 0
        if self._is_unfinished:
            self._is_unfinished = False
            self._unfinished_bytes = self._discarded_bytes = 0
            self.guard.finish(self)
        HttpToolsProtocol.on_message_complete(self)

    def _check_unfinished(self) -> None:
        """Of a head or of trailers whose end has not arrived."""
        if self._in_head:
            self._limits.check_unfinished_head(self._pending_bytes, len(self.url) if self.scope is not None else 0)
        else:
            self._limits.check_unfinished_trailers(self._pending_bytes)

    def _count_unfinished(self, size: int) -> None:
        """Of a request that is answered already nothing is kept."""
        self._is_unfinished = True
        if not self._in_head and self.cycle.response_complete:
            self._discard_after_response(size)
            return
        self._unfinished_bytes += size
        self.guard.count_unfinished(self, self._unfinished_bytes + len(self.backlog))


def _rejection_of(error: BaseException | None) -> Rejection:
    """`error`: of a callback, None where the parser itself refused."""
    if isinstance(error, LimitExceeded):
        return error.rejection
    return Rejection(HTTPStatus.BAD_REQUEST, "The request is not valid HTTP/1.1.")
