"""Sends complete responses with less work than uvicorn."""

from typing import TYPE_CHECKING, cast

from uvicorn.protocols.http.httptools_impl import HEADER_RE, STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from uvicorn._types import ASGISendEvent, HTTPResponseBodyEvent, HTTPResponseStartEvent

_LINE_END = b"\r\n"
# Bytes that HEADER_VALUE_RE of uvicorn finds: all control characters except the tab.
_FORBIDDEN_IN_VALUES = bytes({*range(0x20), 0x7F} - {0x09})
# Headers that decide how the body is sent, and whether the connection is closed.
_FRAMING = frozenset((b"transfer-encoding", b"connection"))
# The rest of a body that is read and discarded after the response, so that the connection can be reused.
_MAX_DISCARDED_BYTES = 16 * 1_048_576
# Names of headers are constants of the program.
_MAX_NAMES = 1_000


class _Prefixes(dict[bytes, bytes]):
    """The beginnings of headers' lines by name. Raises KeyError for a name that uvicorn has to check or to convert."""

    def __missing__(self, name: bytes) -> bytes:
        if HEADER_RE.search(name) or name != name.lower() or name in _FRAMING:
            raise KeyError(name)
        prefix = name + b": "
        if len(self) < _MAX_NAMES:
            self[name] = prefix
        return prefix


_prefixes = _Prefixes()


class ResponseCycle(RequestResponseCycle):
    """A request and its response.

    Responses with Content-Length are sent here, and all others by uvicorn, which searches each name and value of a
    header with a regular expression: that takes longer than the rest of sending.
    """

    # The rest of the request's body is too large to be discarded: the protocol closes the connection after the response
    # has been sent, and waits until the client has read it.
    closes = False

    async def send(self, message: "ASGISendEvent") -> None:
        if self.more_body and not self.response_started:
            await self._start_before_body(message)
        elif self.disconnected or self.flow.write_paused or self.access_log:
            await super().send(message)
        elif message["type"] == "http.response.start" and not self.response_started:
            if not self._start(message):
                await super().send(message)
        elif not self._complete(cast("HTTPResponseBodyEvent", message)):
            await super().send(message)

    async def _start_before_body(self, message: "ASGISendEvent") -> None:
        """Start the response to a request whose body is not received completely."""
        self.keep_alive = not self.must_close()
        await super().send(message)
        # uvicorn would close the connection immediately after the response. The client, which is still sending, might
        # never read it.
        self.closes, self.keep_alive = not self.keep_alive, True

    def must_close(self) -> bool:
        """Return whether the connection is closed after the response; sets `closes` if the body is incomplete."""
        self.closes = self.more_body and (not self.keep_alive or self._is_body_too_large())
        return self.closes or not self.keep_alive

    def _is_body_too_large(self) -> bool:
        for name, value in self.scope["headers"]:
            if name == b"content-length":
                return int(value) > _MAX_DISCARDED_BYTES
        # A body in chunks has no known size.
        return True

    def _start(self, message: "HTTPResponseStartEvent") -> bool:
        """Send the head. Return False, and do nothing, if it needs uvicorn: it has no length, or invalid headers."""
        headers = [*self.default_headers, *message.get("headers", ())]
        length: bytes | None = None
        for name, value in headers:
            if name == b"content-length":
                length = value
                break
        if length is None or not length.isdigit():
            return False
        try:
            lines = [_prefixes[name] + value for name, value in headers]
        except KeyError:
            return False
        joined = _LINE_END.join(lines)
        if len(joined.translate(None, _FORBIDDEN_IN_VALUES)) != len(joined) - len(_LINE_END) * (len(lines) - 1):
            # Other control characters than the ends of lines.
            return False
        self.response_started = True
        self.waiting_for_100_continue = False
        self.chunked_encoding = False
        self.expected_content_length = int(length)
        end = b"\r\n\r\n" if self.keep_alive else b"\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[message["status"]] + joined + end)
        return True

    def _complete(self, message: "HTTPResponseBodyEvent") -> bool:
        """Send a whole body. Return False, and do nothing, if it needs uvicorn: it is a part, or has another length."""
        if (
            message["type"] != "http.response.body"
            or not self.response_started
            or self.response_complete
            or self.chunked_encoding is not False
            or message.get("more_body", False)
            or self.scope["method"] == "HEAD"
        ):
            return False
        body = message.get("body", b"")
        if len(body) != self.expected_content_length:
            return False
        self.transport.write(body)
        self.expected_content_length = 0
        self.response_complete = True
        self.message_event.set()
        if not self.keep_alive:
            self.transport.close()
        self.on_response()
        return True
