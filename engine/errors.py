"""The errors that the engine raises for clients.

A server treats them like its own errors: each is a `ClientError` with a stable code.
"""

from enum import StrEnum

from graphql import GraphQLError

from common.errors import ClientError


class ErrorCode(StrEnum):
    """The values of `extensions.code` that the engine sets."""

    BAD_USER_INPUT = "BAD_USER_INPUT"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    OPERATION_TOO_COMPLEX = "OPERATION_TOO_COMPLEX"
    RATE_LIMITED = "RATE_LIMITED"
    RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"


class DocumentTooLarge(ClientError):
    """The document has more bytes than the limit, and is not parsed."""

    code = ErrorCode.DOCUMENT_TOO_LARGE


class OperationTooComplex(ClientError):
    """The operation, or its result, exceeds a limit on depth, aliases, cost, fields or values."""

    code = ErrorCode.OPERATION_TOO_COMPLEX


class ResponseTooLarge(ClientError):
    """The response has more bytes than the limit."""

    code = ErrorCode.RESPONSE_TOO_LARGE


class DeadlineExceeded(ClientError):
    """The operation did not finish before its deadline."""

    code = ErrorCode.TIMEOUT


class TooManyPendingJobs(ClientError):
    """The client has too many jobs in a queue. `retryAfter`: in seconds."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retryAfter=retry_after)


class QueueFull(ClientError):
    """All clients together have too many jobs in a queue. `retryAfter`: in seconds."""

    code = ErrorCode.SERVICE_UNAVAILABLE

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message, retryAfter=retry_after)


def with_code(error: GraphQLError, code: ErrorCode) -> GraphQLError:
    """The error with `extensions.code`."""
    error.extensions = {**(error.extensions or {}), "code": code.value}
    return error
