"""The errors that the engine raises for clients.

A server treats them like its own errors: each is a `ClientError` with a stable code.
"""

from enum import StrEnum
from typing import TYPE_CHECKING

from common.errors import ClientError, RetryableError

if TYPE_CHECKING:
    # Settings and logging import this module in commands that need no graphql-core.
    from graphql import GraphQLError


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


class Limit(StrEnum):
    """The limits of documents and operations, by their settings: `extensions.limit` of an error beyond one."""

    DOCUMENT_BYTES = "MAX_QUERY_BYTES"
    TOKENS = "MAX_QUERY_TOKENS"
    VALIDATION_WORK = "MAX_QUERY_MERGE_STEPS"
    WAITING_DOCUMENTS = "MAX_WAITING_DOCUMENTS"
    WAITING_DOCUMENTS_PER_CLIENT = "MAX_WAITING_DOCUMENTS_PER_CLIENT"
    FIELDS = "MAX_QUERY_FIELDS"
    DEPTH = "MAX_QUERY_DEPTH"
    ALIASES = "MAX_QUERY_ALIASES"
    COST = "MAX_QUERY_COST"
    RESULT_VALUES = "MAX_RESULT_VALUES"
    RESPONSE_BYTES = "MAX_RESPONSE_BYTES"
    TIME = "OPERATION_TIMEOUT_SECONDS"


class Fallback(StrEnum):
    """Why graphql-core executes an operation instead of a plan."""

    NO_ROOT_TYPE = "no root type"
    DIRECTIVE_ERROR = "an error in a directive"
    DEPTH = "nested too deeply"
    FRAGMENT_VARIABLES = "variables of fragments"
    DEFER = "@defer"
    STREAM = "@stream"
    ERROR_PROPAGATION = "@experimental_disableErrorPropagation"


class DocumentTooLarge(ClientError):
    """The document has more bytes than the limit, and is not parsed."""

    code = ErrorCode.DOCUMENT_TOO_LARGE


class OnErrorUnsupported(ClientError):
    """The operation cannot be executed with this `onError`."""

    code = ErrorCode.BAD_USER_INPUT


class OperationTooComplex(ClientError):
    """The operation, or its result, exceeds a limit on depth, aliases, cost, fields or values."""

    code = ErrorCode.OPERATION_TOO_COMPLEX


class ResponseTooLarge(ClientError):
    """The response has more bytes than the limit."""

    code = ErrorCode.RESPONSE_TOO_LARGE


class DeadlineExceeded(ClientError):
    """The operation did not finish before its deadline."""

    code = ErrorCode.TIMEOUT


class TooManyPendingJobs(RetryableError):
    """The client has too many jobs in a queue."""

    code = ErrorCode.RATE_LIMITED


class QueueFull(RetryableError):
    """All clients together have too many jobs in a queue."""

    code = ErrorCode.SERVICE_UNAVAILABLE


def with_code(error: "GraphQLError", code: ErrorCode, limit: Limit | None = None) -> "GraphQLError":
    """The error with `extensions.code`, and `extensions.limit` if it exceeds one."""
    error.extensions = {**(error.extensions or {}), "code": code.value}
    if limit is not None:
        error.extensions["limit"] = limit.value
    return error
