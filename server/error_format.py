"""Formats errors for clients: client errors as they are, all others masked, each with a code and the request id."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from common.text import truncate
from domain.errors import ClientError, ErrorCode
from engine.coordinates import coordinate_of
from engine.request.request_errors import RequestError
from engine.request.validation import MAX_MESSAGE_CHARACTERS
from server.observability.error_log import record_bug, record_code, record_error

MASKED_MESSAGE = "Internal server error. Report the request id to support."

_STATUS = {
    ErrorCode.UNAUTHENTICATED.value: 401,
    ErrorCode.FORBIDDEN.value: 403,
    ErrorCode.ACCOUNT_BLOCKED.value: 403,
    ErrorCode.ACCOUNT_DELETED.value: 403,
    ErrorCode.DOCUMENT_NOT_TRUSTED.value: 403,
    ErrorCode.BROWNOUT.value: 410,
    ErrorCode.DOCUMENT_TOO_LARGE.value: 413,
    ErrorCode.RATE_LIMITED.value: 429,
    ErrorCode.SERVICE_UNAVAILABLE.value: 503,
    ErrorCode.TIMEOUT.value: 504,
    ErrorCode.INTERNAL_SERVER_ERROR.value: 500,
}


def format_errors(errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """Format errors as the GraphQL specification does. Masked errors are logged here, once, with their cause."""
    return [_format_error(error, request_id) for error in errors]


def format_request_error(error: Exception, request_id: str) -> list[dict[str, Any]]:
    """Return the errors of a response without `data`. Unexpected exceptions are logged and masked."""
    if isinstance(error, RequestError):
        return format_errors(error.errors, request_id)
    if isinstance(error, ClientError):
        record_error(error)
        return [error_dict(error.message, error.extensions, request_id)]
    record_bug("request failed", error)
    return [error_dict(MASKED_MESSAGE, {"code": ErrorCode.INTERNAL_SERVER_ERROR.value}, request_id)]


def error_dict(message: str, extensions: Mapping[str, object], request_id: str, **location: Any) -> dict[str, Any]:
    """Return one formatted error. `location`: its `locations` and `path`, if any.

    The message is truncated, because it may quote a long value.
    """
    return {
        "message": truncate(message, MAX_MESSAGE_CHARACTERS),
        **location,
        "extensions": {**extensions, "requestId": request_id},
    }


def http_status(code: str) -> int:
    """Return the HTTP status of a response without `data`, by the code of its first error."""
    return _STATUS.get(code, 400)


def error_headers(status: int, extensions: Mapping[str, object]) -> dict[str, str]:
    """Return WWW-Authenticate, Retry-After and RateLimit where they apply."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if "retryAfter" in extensions:
        headers["Retry-After"] = str(extensions["retryAfter"])
    return headers


def _format_error(error: GraphQLError, request_id: str) -> dict[str, Any]:
    location: dict[str, Any] = {}
    if error.locations:
        location["locations"] = [source.formatted for source in error.locations]
    if error.path:
        location["path"] = error.path
    message, extensions = _describe(error)
    coordinate = coordinate_of(error)
    if coordinate is not None:
        extensions = {**extensions, "coordinate": coordinate}
    return error_dict(message, extensions, request_id, **location)


def _describe(error: GraphQLError) -> tuple[str, Mapping[str, object]]:
    cause = _find_cause(error)
    if isinstance(cause, ClientError):
        record_error(cause)
        return cause.message, cause.extensions
    if cause is None:
        # graphql-core's own error about the client's input, such as a value of the wrong type.
        code = (error.extensions or {}).get("code", ErrorCode.BAD_USER_INPUT.value)
        record_code(code, limit=(error.extensions or {}).get("limit"))
        return error.message, {**(error.extensions or {}), "code": code}
    record_bug("field failed", cause, path=error.path)
    return MASKED_MESSAGE, {"code": ErrorCode.INTERNAL_SERVER_ERROR.value}


def _find_cause(error: GraphQLError) -> BaseException | None:
    """Return the innermost exception that GraphQLErrors wrap, or None."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
