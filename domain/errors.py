"""Errors that are shown to clients, each with a stable code. All other errors are masked."""

from datetime import datetime
from enum import StrEnum

from common.error_descriptions import PlainMessage
from common.errors import ClientError as ClientError
from common.errors import RetryableError
from domain.request_limits import RequestLimit


class ErrorCode(StrEnum):
    """Every value that `extensions.code` can have."""

    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    ACCOUNT_BLOCKED = "ACCOUNT_BLOCKED"
    ACCOUNT_DELETED = "ACCOUNT_DELETED"
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
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    BROWNOUT = "BROWNOUT"
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
        until = None if blocked_until is None else _format_time(blocked_until)
        message = "This account is blocked" + (f" until {until}" if until else "")
        super().__init__(f"{message}: {reason}", blockedUntil=until)


class AccountDeleted(ClientError):
    """The viewer's account was deleted, and will be erased. Until then the viewer can restore it."""

    code = ErrorCode.ACCOUNT_DELETED

    def __init__(self, requested_at: datetime, erased_at: datetime) -> None:
        until = _format_time(erased_at)
        message = (
            f"This account was deleted and is erased on {until[:10]}. `cancelAccountDeletion` restores it until then."
        )
        super().__init__(message, requestedAt=_format_time(requested_at), erasedAt=until)


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


class CostLimited(RateLimited):
    """The client has too few units left for the operation. `limit`: COST_PLANS. Amounts are units of cost."""

    def __init__(self, requested: int, *, available: int, maximum: int, restore_rate: int, retry_after: int) -> None:
        super().__init__(
            f"The operation costs {requested}, and {available} of {maximum} are available; {restore_rate} are restored "
            f"per second. Try again in {retry_after} seconds.",
            retry_after=retry_after,
            limit=RequestLimit.COST.value,
        )
        self.available, self.maximum, self.restore_rate = available, maximum, restore_rate
        self.retry_after = retry_after
        throttle = {"maximum": maximum, "available": available, "restoreRate": restore_rate}
        self.extensions = {**self.extensions, "cost": {"requested": requested, "actual": 0, "throttle": throttle}}


class OperationTimeout(PlainMessage, ClientError):
    """A statement did not finish before the operation's deadline. The engine raises its own error, of the same code."""

    code = ErrorCode.TIMEOUT


class ServiceUnavailable(RetryableError):
    """A dependency is unavailable, or the server is overloaded: then `limit` is the setting."""

    code = ErrorCode.SERVICE_UNAVAILABLE

    def __init__(self, message: str, *, retry_after: int = 5, limit: str | None = None) -> None:
        super().__init__(message, retry_after=retry_after, limit=limit)


def _format_time(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
