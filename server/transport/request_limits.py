"""Size limits of the head and the trailers of a request."""

from dataclasses import dataclass
from http import HTTPStatus

from server.transport.rejections import Rejection

# The request line without the URL: method, version and spaces.
_REQUEST_LINE_BYTES = 64
# Colon, space and line break of each header.
_HEADER_OVERHEAD_BYTES = 4

Headers = list[tuple[bytes, bytes]]


class LimitExceeded(Exception):
    """Raised in a callback of the parser, which stops parsing."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.message)
        self.rejection = rejection


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Limits in bytes. `header_bytes` limits the sum of all names and values of headers, and that of trailers.

    The methods raise LimitExceeded.
    """

    header_bytes: int = 32_768
    url_bytes: int = 32_768

    def check_head(self, url: bytes, headers: Headers) -> None:
        """Check a complete head."""
        self._check_url(len(url))
        self._check_headers(_size(headers), "headers")

    def check_trailers(self, trailers: Headers) -> None:
        self._check_headers(_size(trailers), "trailers")

    def check_unfinished_head(self, size: int, url_bytes: int) -> None:
        """Check an incompletely received head of `size` bytes, of which `url_bytes` belong to the URL."""
        self._check_url(url_bytes)
        self._check_headers(size - url_bytes - _REQUEST_LINE_BYTES, "headers")

    def check_unfinished_trailers(self, size: int) -> None:
        self._check_headers(size, "trailers")

    def _check_url(self, size: int) -> None:
        if size > self.url_bytes:
            message = f"URL exceeds the limit of {self.url_bytes} bytes; use POST."
            raise LimitExceeded(Rejection(HTTPStatus.REQUEST_URI_TOO_LONG, message))

    def _check_headers(self, size: int, name: str) -> None:
        if size > self.header_bytes:
            message = f"Request {name} exceed the limit of {self.header_bytes} bytes."
            raise LimitExceeded(Rejection(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message))


def _size(headers: Headers) -> int:
    return sum(len(name) + len(value) + _HEADER_OVERHEAD_BYTES for name, value in headers)
