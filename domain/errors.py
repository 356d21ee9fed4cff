"""Errors that are shown to clients, each with a stable code. All other errors are masked."""

from datetime import datetime
from enum import StrEnum

from common.errors import ClientError as ClientError
from common.errors import RetryableError


class ErrorCode(StrEnum):
    """Every value that `extensions.code` can have."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    NOT_FOUND = "NOT_FOUND"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    DOCUMENT_TOO_LARGE = "DOCUMENT_TOO_LARGE"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    OPERATION_TOO_COMPLEX = "OPERATION_TOO_COMPLEX"
    RESPONSE_TOO_LARGE = "RESPONSE_TOO_LARGE"
    RATE_LIMITED = "RATE_LIMITED"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class Unauthenticated(ClientError):
    """Authentication is required, or the token is invalid."""

    code = ErrorCode.UNAUTHENTICATED


class Forbidden(ClientError):
    """The viewer is not allowed to do this."""

    code = ErrorCode.FORBIDDEN


class AccountBlocked(ClientError):
    """An administrator blocked the viewer's account. `blocked_until`: when the block expires, None if it does not."""

    code = ErrorCode.ACCOUNT_BLOCKED

    def __init__(self, reason: str, blocked_until: datetime | None) -> None:
        until = None if blocked_until is None else blocked_until.isoformat(timespec="seconds").replace("+00:00", "Z")
        message = "This account is blocked" + (f" until {until}" if until else "")
        super().__init__(f"{message}: {reason}", blockedUntil=until)


class NotFound(ClientError):
    """No object with this id is visible to the viewer."""

    code = ErrorCode.NOT_FOUND


class BadUserInput(ClientError):
    """An argument of the right GraphQL type has an invalid value."""

    code = ErrorCode.BAD_USER_INPUT


class RateLimited(RetryableError):
    """A rate limit was exceeded. `limit`: its setting."""

    code = ErrorCode.RATE_LIMITED

    def __init__(self, message: str, *, retry_after: int, limit: str) -> None:
        super().__init__(message, retry_after=retry_after, limit=limit)


class OperationTimeout(ClientError):
    """A statement did not finish before the operation's deadline. The engine raises its own error, of the same code."""

    code = ErrorCode.TIMEOUT


class ServiceUnavailable(RetryableError):
    """A dependency is unavailable."""

    code = ErrorCode.SERVICE_UNAVAILABLE

    def __init__(self, message: str, *, retry_after: int = 5) -> None:
        super().__init__(message, retry_after=retry_after)
