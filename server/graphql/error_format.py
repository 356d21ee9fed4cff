"""Errors on their way out: ours as they are, everything else masked, each with a code and the request's id."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphql import GraphQLError

from common.text import truncate
from domain.errors import ClientError, ErrorCode
from engine.request.validation import MAX_MESSAGE_CHARACTERS
from server.observability.error_log import record_bug, record_code, record_error

MASKED = "Something went wrong on our side. The request id helps us to find out what."

_STATUS = {
    ErrorCode.UNAUTHENTICATED.value: 401,
    ErrorCode.FORBIDDEN.value: 403,
    ErrorCode.DOCUMENT_TOO_LARGE.value: 413,
    ErrorCode.RATE_LIMITED.value: 429,
    ErrorCode.SERVICE_UNAVAILABLE.value: 503,
    ErrorCode.TIMEOUT.value: 504,
    ErrorCode.INTERNAL_SERVER_ERROR.value: 500,
}


def formatted(errors: Iterable[GraphQLError], request_id: str) -> list[dict[str, Any]]:
    """As the specification writes errors. What is masked is logged here, once, with its cause."""
    return [_formatted(error, request_id) for error in errors]


def error_body(message: str, extensions: Mapping[str, object], request_id: str, **place: Any) -> dict[str, Any]:
    """One error. `place`: its `locations` and `path`, where it has them.

    A message can name a value of the client's, which may be long.
    """
    return {
        "message": truncate(message, MAX_MESSAGE_CHARACTERS),
        **place,
        "extensions": {**extensions, "requestId": request_id},
    }


def status_of(code: str) -> int:
    """The HTTP status of an answer without `data` whose first error has this code."""
    return _STATUS.get(code, 400)


def error_headers(status: int, extensions: Mapping[str, object]) -> dict[str, str]:
    """What HTTP has to say beside the status."""
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if "retryAfter" in extensions:
        headers["Retry-After"] = str(extensions["retryAfter"])
    return headers


def _formatted(error: GraphQLError, request_id: str) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if error.locations:
        place["locations"] = [location.formatted for location in error.locations]
    if error.path:
        place["path"] = error.path
    return error_body(*_described(error), request_id, **place)


def _described(error: GraphQLError) -> tuple[str, Mapping[str, object]]:
    cause = _cause(error)
    if isinstance(cause, ClientError):
        record_error(cause)
        return cause.message, cause.extensions
    if cause is None:
        # graphql-core's own words about the client's input, such as a value of the wrong type.
        code = (error.extensions or {}).get("code", ErrorCode.BAD_USER_INPUT.value)
        record_code(code)
        return error.message, {**(error.extensions or {}), "code": code}
    record_bug("field failed", cause, path=error.path)
    return MASKED, {"code": ErrorCode.INTERNAL_SERVER_ERROR.value}


def _cause(error: GraphQLError) -> BaseException | None:
    """The exception that is not graphql-core's, at the bottom of those that wrap it."""
    cause: BaseException | None = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause
