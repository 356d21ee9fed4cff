"""Error responses that the server sends without calling the application."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

import orjson
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from domain.errors import ErrorCode

_CODES = {
    HTTPStatus.REQUEST_TIMEOUT: ErrorCode.TIMEOUT,
    HTTPStatus.TOO_MANY_REQUESTS: ErrorCode.RATE_LIMITED,
    HTTPStatus.SERVICE_UNAVAILABLE: ErrorCode.SERVICE_UNAVAILABLE,
}
_RETRY_AFTER_SECONDS = 5
_LIMIT_PER_ADDRESS = "MAX_CONNECTIONS_PER_ADDRESS"


@dataclass(frozen=True, slots=True)
class Rejection:
    """The last response on a connection. `limit`: that was exceeded. `is_connection_refusal`: the guard has counted it
    as a refused connection.
    """

    status: HTTPStatus
    message: str
    retry_after: int | None = None
    limit: str | None = None
    is_connection_refusal: bool = False

    @classmethod
    def for_connection(cls, status: HTTPStatus) -> Self:
        is_address = status is HTTPStatus.TOO_MANY_REQUESTS
        limit = _LIMIT_PER_ADDRESS if is_address else "MAX_CONNECTIONS"
        message = f"Too many connections{' from this address' if is_address else ''}."
        return cls(status, message, _RETRY_AFTER_SECONDS, limit, is_connection_refusal=True)

    @classmethod
    def for_forwarded_request(cls) -> Self:
        message = "Too many concurrent requests from this address."
        status = HTTPStatus.TOO_MANY_REQUESTS
        return cls(status, message, _RETRY_AFTER_SECONDS, _LIMIT_PER_ADDRESS, is_connection_refusal=True)

    @classmethod
    def for_unfinished(cls) -> Self:
        message = "Too many unfinished requests; please retry."
        return cls(HTTPStatus.SERVICE_UNAVAILABLE, message, _RETRY_AFTER_SECONDS)

    def response(self, default_headers: list[tuple[bytes, bytes]], request_id: str) -> bytes:
        code = _CODES.get(self.status, ErrorCode.BAD_USER_INPUT)
        extensions: dict[str, object] = {"code": code.value, "requestId": request_id}
        if self.limit is not None:
            extensions["limit"] = self.limit
        retry_header = []
        if self.retry_after is not None:
            extensions["retryAfter"] = self.retry_after
            retry_header.append((b"retry-after", b"%d" % self.retry_after))
        body = orjson.dumps({"errors": [{"message": self.message, "extensions": extensions}]})
        headers = [
            *default_headers,
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", request_id.encode()),
            *retry_header,
            (b"connection", b"close"),
        ]
        lines = b"".join(b"%b: %b\r\n" % header for header in headers)
        return b"".join((STATUS_LINE[self.status], lines, b"\r\n", body))
