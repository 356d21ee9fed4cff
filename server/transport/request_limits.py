"""How large the head and the trailers of a request may be."""

from dataclasses import dataclass
from http import HTTPStatus

from server.transport.rejections import Rejection

# Of the request line, besides the URL: the method, the version, spaces.
_REQUEST_LINE_BYTES = 64
# Of each header: the colon, a space, the line's end.
_HEADER_OVERHEAD_BYTES = 4

Headers = list[tuple[bytes, bytes]]


class LimitExceeded(Exception):
    """Raised inside the parser's callbacks, which ends its work on a connection."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.rejection = Rejection(status, message)


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """In bytes. `header_bytes` is the sum of all names and values; trailers count the same way.

    The methods raise LimitExceeded.
    """

    header_bytes: int = 32_768
    url_bytes: int = 32_768

    def check_head(self, url: bytes, headers: Headers) -> None:
        """Of a head that is complete."""
        self._check_url(len(url))
        self._check_headers(_size(headers), "headers")

    def check_trailers(self, trailers: Headers) -> None:
        self._check_headers(_size(trailers), "trailers")

    def check_unfinished_head(self, size: int, url_bytes: int) -> None:
        """Its end has not arrived. `url_bytes`: what is in `size` of the URL."""
        self._check_url(url_bytes)
        self._check_headers(size - url_bytes - _REQUEST_LINE_BYTES, "headers")

    def check_unfinished_trailers(self, size: int) -> None:
        self._check_headers(size, "trailers")

    def _check_url(self, size: int) -> None:
        if size > self.url_bytes:
            message = f"The URL is longer than {self.url_bytes} bytes. Send the operation by POST."
            raise LimitExceeded(HTTPStatus.REQUEST_URI_TOO_LONG, message)

    def _check_headers(self, size: int, name: str) -> None:
        if size > self.header_bytes:
            message = f"The {name} have more than {self.header_bytes} bytes."
            raise LimitExceeded(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, message)


def _size(headers: Headers) -> int:
    return sum(len(name) + len(value) + _HEADER_OVERHEAD_BYTES for name, value in headers)
