"""HTTP/1.1 as uvicorn speaks it, with limits for heads and trailers, and an end that loses no request.

uvicorn limits neither URLs nor headers, and httptools joins the pieces of an unfinished one quadratically. A
uvicorn that stops closes connections on which no request runs, also those whose request is on its way.
"""

import asyncio
import random
from http import HTTPStatus
from typing import Any, NoReturn

import httptools
import orjson
import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from domain.errors import ErrorCode
from server.http.state import HttpState

log = structlog.get_logger()

# Of the request line, besides the URL: the method, the version, spaces.
_REQUEST_LINE_BYTES = 64
# Of each header: the colon, a space, the line's end.
_HEADER_OVERHEAD_BYTES = 4

# A client that is still sending does not read yet. Closing immediately would reset the connection, and the client might
# never see the answer: what it sends is discarded for a while.
_LINGER_SECONDS = 2.0
_LINGER_BYTES = 1_048_576


class _Rejected(Exception):
    """Ends the parser's work on this connection."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    server_state: HttpState

    def __init__(
        self,
        config: Config,
        server_state: HttpState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._max_header_bytes = server_state.limits.header_bytes
        self._max_url_bytes = server_state.limits.url_bytes
        # What arrives in so few bytes has no part that is too long.
        self._unchecked_bytes = min(self._max_header_bytes, self._max_url_bytes)
        self._in_head = True
        # Received since the parser last passed something on: an upper bound of what it holds, but where a head began in
        # the piece in which the request before it ended.
        self._pending_bytes = 0
        self._is_cut = False
        self._rejection = (HTTPStatus.BAD_REQUEST, "The request is not valid HTTP/1.1.")
        self._last_cycle: RequestResponseCycle | None = None
        self._lingering: asyncio.TimerHandle | None = None
        # After a rejection the parser is of no use any more.
        self._is_rejected = False
        self._discarded_bytes = 0

    def data_received(self, data: bytes) -> None:
        if self._is_rejected:
            self._discard(len(data))
            return
        self._unset_keepalive_if_required()
        self._pending_bytes += len(data)
        try:
            self.parser.feed_data(data)
            if self._pending_bytes > self._unchecked_bytes:
                self._check_unfinished()
            elif not self._pending_bytes and self._in_head and self.scope is not self.cycle.scope:
                self._is_cut = True
        except httptools.HttpParserUpgrade:
            if self._should_upgrade():
                self.handle_websocket_upgrade()
            else:
                self._unsupported_upgrade_warning()
        except (httptools.HttpParserError, _Rejected):
            self._send_rejection()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._lingering is not None:
            self._lingering.cancel()
        super().connection_lost(exc)

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
        if self.headers is self.scope["headers"]:
            self.headers = []

    def on_message_complete(self) -> None:
        if self.headers is not self.scope["headers"]:
            self._check_size(self.headers, "trailers")
        self._in_head = True
        self._is_cut = False
        self._pending_bytes = 0
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
        self._rejection = (HTTPStatus.REQUEST_URI_TOO_LONG, message)
        raise _Rejected

    def _reject_headers(self, name: str) -> NoReturn:
        message = f"The {name} have more than {self._max_header_bytes} bytes."
        self._rejection = (HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)
        raise _Rejected

    def _send_rejection(self) -> None:
        self._is_rejected = True
        status, message = self._rejection
        self.server_state.rejected[status] += 1
        request_id = f"{random.getrandbits(128):032x}"
        log.info("request rejected", status=status.value, reason=message, request_id=request_id)
        cycle = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._in_head:
                # Answers keep the order of requests: the one that is still to come is the last.
                self._close_after(cycle)
                self.flow.pause_reading()
                return
            # Its trailers are rejected: the application learns that the client is gone.
            cycle.disconnected = True
            cycle.message_event.set()
            if cycle.response_started or self.pipeline:
                self.transport.close()
                return
        self.transport.write(self._rejection_response(status, message, request_id))
        self._linger()

    def _rejection_response(self, status: HTTPStatus, message: str, request_id: str) -> bytes:
        extensions = {"code": ErrorCode.BAD_USER_INPUT.value, "requestId": request_id}
        body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"".join((STATUS_LINE[status], lines, b"\r\n", body))

    # The end of a connection

    def _close_after(self, cycle: RequestResponseCycle) -> None:
        """The answer to this request is the last one; the one before it, where it was to be the last, is not."""
        last = self._last_cycle
        if last is cycle or not cycle.keep_alive:
            return
        if last is not None and not last.response_started:
            last.keep_alive = True
        cycle.keep_alive = False
        self._last_cycle = cycle

    def _linger(self) -> None:
        if self.transport.is_closing():
            return
        self._lingering = self.loop.call_later(_LINGER_SECONDS, self.transport.close)
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()

    def _discard(self, size: int) -> None:
        self._discarded_bytes += size
        if self._discarded_bytes > _LINGER_BYTES:
            self.transport.close()
