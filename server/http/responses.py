"""Responses with a complete body."""

from starlette.types import Receive, Scope, Send

from server.http.compression import MIN_BYTES, accepts_gzip, gzip_body
from server.http.headers import get_header

Headers = list[tuple[bytes, bytes]]
_GZIP = (b"content-encoding", b"gzip")


class BytesResponse:
    """A response that is compressed if the client accepts it and the body is long. Faster than Starlette's Response.

    `compressed`: the compressed body, if it is cached. A 304 has the headers of the 200 response, and no body.
    """

    __slots__ = ("_body", "_compressed", "_headers", "_status")

    def __init__(self, body: bytes, status: int, headers: Headers, compressed: bytes | None = None) -> None:
        self._body = body
        self._status = status
        self._headers = headers
        self._compressed = compressed

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        body, headers = self._body, self._headers
        if self._compressed is not None or (len(body) >= MIN_BYTES and accepts_gzip(get_accept_encoding(scope))):
            if self._status != 304:
                body = self._compressed or await gzip_body(body)
                headers = [_GZIP, *headers]
            # The compressed body is equivalent, not byte-identical.
            headers = [(name, b"W/" + value if name == b"etag" else value) for name, value in headers]
        if self._status == 304:
            body = b""
        else:
            headers = [(b"content-length", b"%d" % len(body)), *headers]
        await send({"type": "http.response.start", "status": self._status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def get_accept_encoding(scope: Scope) -> str | None:
    """Return Accept-Encoding; of repeated headers the last, because clients send one."""
    return get_header(scope, b"accept-encoding")
