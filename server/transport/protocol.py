"""uvicorn's HTTP/1.1 protocol with limits of requests, deadlines and a graceful shutdown.

uvicorn limits neither URLs nor headers, and httptools joins the pieces of an unfinished one in quadratic time. uvicorn
waits without limit for clients that send nothing or read nothing, and parses any number of pipelined requests. On
shutdown it closes connections without a running request, also those whose request is in flight.
"""

import asyncio
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from server.transport.early_rejection import EarlyRejectionProtocol
from server.transport.flow import Flow
from server.transport.rejections import Rejection
from server.transport.request_limits import LimitExceeded
from server.transport.response_cycle import ResponseCycle
from server.transport.state import HttpState

# Bytes passed to the parser in one call. Each parsed request takes some kilobytes of memory, however short it is: the
# next piece is parsed after the responses to the requests in this one.
_PIECE_BYTES = 16_384
# Parsing a pipelined request, or a chunk of a body, takes about as long as parsing this many bytes.
_REQUEST_COST_BYTES = 4_096
_CHUNK_COST_BYTES = 128


class HttpProtocol(EarlyRejectionProtocol):
    """An HTTP/1.1 connection."""

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
        # A head or trailers of this size cannot exceed a limit.
        self._unchecked_bytes = min(self._limits.header_bytes, self._limits.url_bytes)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        HttpToolsProtocol.connection_made(self, self.watch(cast("asyncio.Transport", transport)))
        self.flow = Flow(self.transport)
        refusal = self.guard.admit(self)
        if refusal is not None:
            self.reject(Rejection.for_connection(refusal))

    def data_received(self, data: bytes) -> None:
        size, turns = len(data), self.turns
        if self._is_rejected:
            self._discard(size)
        elif size > _PIECE_BYTES or turns.left <= 0 or self.backlog:
            self.enqueue_input(data)
        else:
            turns.left -= size
            self.parse(data)

    def parse(self, data: bytes | memoryview) -> None:
        self._pending_bytes += len(data)
        try:
            self._feed(data)
            if self._pending_bytes > self._unchecked_bytes:
                self._check_unfinished()
            elif not self._pending_bytes and self._in_head and self.scope is not self.cycle.scope:
                self._is_head_split = True
        except httptools.HttpParserUpgrade:
            if not self._should_upgrade():
                self._unsupported_upgrade_warning()
            elif self._is_responding():
                self.reject(Rejection(HTTPStatus.BAD_REQUEST, "A WebSocket handshake cannot be pipelined."))
            else:
                self.handle_websocket_upgrade()
        except httptools.HttpParserError as error:
            self.reject(_to_rejection(error.__context__))
        except LimitExceeded as error:
            self.reject(error.rejection)
        else:
            if not self._in_head or self._pending_bytes or self._is_head_split:
                self._count_unfinished(len(data))
            if self.pipeline:
                self.turns.left -= len(self.pipeline) * _REQUEST_COST_BYTES
                self.flow.hold()

    def _feed(self, data: bytes | memoryview) -> None:
        try:
            self.parser.feed_data(data)
        finally:
            if self._undecided is not None:
                self.decide()

    def can_parse(self) -> bool:
        return not (self.pipeline or self._is_unsent or self._is_rejected or self.transport.is_closing())

    def report_backlog(self) -> None:
        if self._is_rejected:
            return
        size = self._unfinished_bytes + len(self.backlog)
        if size:
            self._is_unfinished = True
        if self._is_unfinished:
            self.guard.count_unfinished(self, size)

    def pause_input(self) -> None:
        self.flow.hold()

    def resume_input(self) -> None:
        if not self.pipeline and not self._is_unsent:
            self.flow.release()

    def handle_websocket_upgrade(self) -> None:
        # The WebSocket protocol takes over the connection.
        self._is_rejected = True
        self.backlog.clear()
        self.flow.release()
        self.flow.resume_reading()
        self.guard.remove(self)
        self.wire.network = self.network
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.guard.add_unsent(self)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.guard.on_drained(self)
        if self._is_unsent:
            self._is_unsent = False
            self._start_next_request()

    def on_response_complete(self) -> None:
        """Start the next request. Sets no keep-alive timer, unlike uvicorn: the guard closes idle connections."""
        self.server_state.total_requests += 1
        if self.is_proxy and not self.pipeline:
            self.guard.release(self)
        if self.transport.is_closing():
            return
        if self._running is not None and self._running.closes:
            self.close_after_response()
        elif self.flow.write_paused:
            # The next request waits until the client has read this response.
            self._is_unsent = True
            self.flow.hold()
        elif self.pipeline or self.backlog or self.flow.read_paused:
            self._start_next_request()

    def _start_next_request(self) -> None:
        """Start the next pipelined request, or continue reading."""
        if self.pipeline:
            cycle, app = self.pipeline.pop()
            self.start_task(cast("ResponseCycle", cycle), app)
        # The application of the former request reads no more of its body.
        self.flow.resume_reading()
        if self.backlog:
            # The rest of this request may be in it.
            self.schedule_backlog()
        elif not self.pipeline:
            self.flow.release()

    # Parser callbacks, called for each request: naming the base class is faster than super(). `on_headers_complete` is
    # uvicorn's, with another class of cycles, and without its limit of concurrency.

    def on_headers_complete(self) -> None:
        if self._is_head_split or not 0 < self._pending_bytes <= self._unchecked_bytes:
            self._limits.check_head(self.url, self.headers)
        if self.is_proxy and not self.guard.admit_request(self, cast("dict[str, Any]", self.scope)):
            raise LimitExceeded(Rejection.for_forwarded_request())
        self._in_head = False
        self._pending_bytes = 0
        parser, scope = self.parser, self.scope
        http_version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        if http_version != "1.1":
            scope["http_version"] = http_version
        if parser.should_upgrade() and self._should_upgrade():
            return
        url = httptools.parse_url(self.url)
        raw_path = url.path
        path = raw_path.decode("ascii")
        scope["path"] = self.root_path + (unquote(path) if "%" in path else path)
        scope["raw_path"] = self.root_path.encode("ascii") + raw_path
        scope["query_string"] = url.query or b""
        self._start_cycle(keep_alive=http_version != "1.0" and parser.should_keep_alive())

    def _start_cycle(self, *, keep_alive: bool) -> None:
        """Start the received request, or queue it if it is pipelined."""
        previous = self.cycle
        self.cycle = cycle = ResponseCycle(
            scope=self.scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=keep_alive,
            on_response=self.on_response_complete,
        )
        if previous is None or previous.response_complete:
            self.start_unless_rejected(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))
        if self.server_state.is_stopping:
            self._close_after(cycle)

    def on_body(self, body: bytes) -> None:
        self._pending_bytes = 0
        HttpToolsProtocol.on_body(self, body)

    def on_chunk_header(self) -> None:
        # Trailers may follow. They are ignored: a trailer named Authorization must not become a header.
        self.turns.left -= _CHUNK_COST_BYTES
        if self.headers is self.scope["headers"]:
            self.headers = []

    def on_message_complete(self) -> None:
        if self.headers is not self.scope["headers"]:
            self._limits.check_trailers(self.headers)
        self._in_head = True
        self._is_head_split = False
        self._pending_bytes = 0
        if self._is_unfinished:
            self._is_unfinished = False
            self._unfinished_bytes = self._discarded_bytes = 0
            self.guard.finish(self)
        HttpToolsProtocol.on_message_complete(self)

    def _check_unfinished(self) -> None:
        """Check the limits of an incompletely received head or trailers."""
        if self._in_head:
            self._limits.check_unfinished_head(self._pending_bytes, len(self.url) if self.scope is not None else 0)
        else:
            self._limits.check_unfinished_trailers(self._pending_bytes)

    def _count_unfinished(self, size: int) -> None:
        """Count input of an unfinished request, or discard it if the response is complete."""
        self._is_unfinished = True
        if not self._in_head and self.cycle.response_complete:
            self._discarded_bytes += size
            return
        self._unfinished_bytes += size
        self.guard.count_unfinished(self, self._unfinished_bytes + len(self.backlog))


def _to_rejection(error: BaseException | None) -> Rejection:
    """Convert the exception of a callback; None means that the parser itself failed."""
    if isinstance(error, LimitExceeded):
        return error.rejection
    return Rejection(HTTPStatus.BAD_REQUEST, "The request is not valid HTTP/1.1.")
