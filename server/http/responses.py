"""Responses whose body is there as a whole."""

from starlette.types import Receive, Scope, Send

from server.http.compression import MIN_BYTES, accepts_gzip, gzipped
from server.http.headers import header

Headers = list[tuple[bytes, bytes]]
_GZIP = (b"content-encoding", b"gzip")


class BytesResponse:
    """Compressed where the client asks for it and the body is long. Starlette's Response does more than it needs.

    `compressed`: the body, where it is there already. A 304 has the headers of the answer that it spares, and no body.
    """

    __slots__ = ("_body", "_compressed", "_headers", "_status")

    def __init__(self, body: bytes, status: int, headers: Headers, compressed: bytes | None = None) -> None:
        self._body = body
        self._status = status
        self._headers = headers
        self._compressed = compressed

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        body, headers = self._body, self._headers
        if self._compressed is not None or (len(body) >= MIN_BYTES and accepts_gzip(accept_encoding_of(scope))):
            if self._status != 304:
                body = self._compressed or await gzipped(body)
                headers = [_GZIP, *headers]
            # Equal in meaning, not in bytes.
            headers = [(name, b"W/" + value if name == b"etag" else value) for name, value in headers]
        if self._status == 304:
            body = b""
        else:
            headers = [(b"content-length", b"%d" % len(body)), *headers]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def accept_encoding_of(scope: Scope) -> str | None:
    """Of one header: nobody sends two, and each long answer is asked for it."""
    return header(scope, b"accept-encoding")
