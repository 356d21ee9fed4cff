"""Responses to requests that fail, outside of GraphQL."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from domain.errors import ClientError, NotFound
from server.error_format import error_dict, error_headers, http_status
from server.http.request_log import get_request_id
from server.observability.error_log import record_error


def error_response(request: Request, error: ClientError, status: int | None = None, **headers: str) -> JSONResponse:
    """Record the error and return it as JSON. `status`: by default that of the error's code, or 404."""
    record_error(error)
    body: dict[str, Any] = {"errors": [error_dict(error.message, error.extensions, get_request_id(request))]}
    if status is None:
        status = 404 if isinstance(error, NotFound) else http_status(error.code)
    return JSONResponse(body, status, error_headers(status, error.extensions) | headers)
