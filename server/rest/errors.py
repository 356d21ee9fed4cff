"""Responses to requests that fail, outside of GraphQL."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from domain.errors import ClientError, ErrorCode, NotFound
from server.error_format import error_dict, error_headers, http_status
from server.http.content_coding import SUPPORTED, find_coding_problem
from server.http.request_log import get_request_id
from server.observability.error_log import record_error


class RequestRejected(ClientError):
    """A request that violates the protocol. Has the response's status and headers."""

    code = ErrorCode.BAD_USER_INPUT

    def __init__(
        self, message: str, status: HTTPStatus, headers: Mapping[str, str] | None = None, **extensions: object
    ) -> None:
        super().__init__(message, **extensions)
        self.status = status
        self.headers = dict(headers or {})


def check_coding(request: Request) -> None:
    """Raises RequestRejected if the body is coded."""
    problem = find_coding_problem(request.scope)
    if problem is not None:
        raise RequestRejected(problem, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, SUPPORTED)


def error_response(request: Request, error: ClientError) -> JSONResponse:
    """Record the error and return it as JSON."""
    record_error(error)
    body: dict[str, Any] = {"errors": [error_dict(error.message, error.extensions, get_request_id(request))]}
    headers = {}
    if isinstance(error, RequestRejected):
        status, headers = int(error.status), error.headers
    else:
        status = 404 if isinstance(error, NotFound) else http_status(error.code)
    return JSONResponse(body, status, error_headers(status, error.extensions) | headers)
