"""Adds error codes and the cause to the log line of a request, and logs tracebacks separately."""

from collections import Counter
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from contextvars import ContextVar
from types import TracebackType
from typing import Any

import structlog

from common.error_descriptions import describe_error
from common.throttle import Throttle
from domain.diagnostics import ErrorKey
from domain.errors import ClientError, ErrorCode
from domain.rate_limits import RATE_LIMITS
from domain.request_limits import RequestLimit
from engine.errors import Limit
from server.observability.error_groups import count_occurrence, get_key
from server.observability.error_reports import report_error
from server.observability.request_metrics import Outcome

log = structlog.get_logger()

# Errors caused by the server or its dependencies.
_FAULTS = frozenset((ErrorCode.INTERNAL_SERVER_ERROR, ErrorCode.SERVICE_UNAVAILABLE, ErrorCode.TIMEOUT))
# Rejections that protect the server. There may be thousands a second: they are counted, and logged like other requests.
_PROTECTION = frozenset((Limit.WAITING_DOCUMENTS.value, RequestLimit.RUNNING_OPERATIONS.value))
_MAX_CODES = 10

_throttle = Throttle()
# Requests and WebSocket operations by error code.
_counts: Counter[str] = Counter(dict.fromkeys(map(str, ErrorCode), 0))
_limit_counts: Counter[str] = Counter(
    dict.fromkeys([*Limit, *RequestLimit, *(limit.variable for limit in RATE_LIMITS)], 0)
)


class ErrorRecord:
    """Errors of one request or WebSocket operation. `fields`: added to all of its log lines."""

    __slots__ = ("_cause", "_codes", "_is_rejected", "_keys", "_limits", "fault", "fault_count", "fields")

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = fields
        self._codes: list[str] = []
        self._limits: set[str] = set()
        self._keys: set[ErrorKey] = set()
        self._cause: str | None = None
        # The code of the first fault, and the number of all.
        self.fault: str | None = None
        self.fault_count = 0
        self._is_rejected = False

    @property
    def outcome(self) -> Outcome:
        """What the operation counts as in its availability."""
        if self.fault is not None:
            return Outcome.FAILED
        return Outcome.REJECTED if self._is_rejected else Outcome.ANSWERED

    @property
    def codes(self) -> Sequence[str]:
        """Different codes of errors so far, up to a limit."""
        return self._codes

    def add(self, code: str, cause: str | None, limit: str | None = None, error: BaseException | None = None) -> None:
        # Finding the place of an error takes time, and a list may have thousands.
        if len(self._keys) < _MAX_CODES and (key := get_key(code, error)) not in self._keys:
            self._keys.add(key)
            operation, request_id = self.fields.get("operation"), self.fields.get("request_id")
            count_occurrence(key, operation, request_id)
            if _is_fault(code, limit):
                report_error(key, error, operation, request_id)
        if limit is not None and limit not in self._limits:
            self._limits.add(limit)
            _limit_counts[limit] += 1
        if code not in self._codes and len(self._codes) < _MAX_CODES:
            self._codes.append(code)
            _counts[code] += 1
        # Keeps the first cause, because others tend to follow from it, and prefers faults to client errors.
        is_fault = _is_fault(code, limit)
        if cause is not None and (self._cause is None or (is_fault and self.fault is None)):
            self._cause = cause
        if is_fault:
            self.fault_count += 1
            self.fault = self.fault or code
        elif code in _FAULTS:
            self._is_rejected = True

    def log(self, event: str, **fields: Any) -> None:
        """Log the line, as a warning if there was a fault, so that LOG_LEVEL does not filter it."""
        if self._codes:
            fields["error_codes"] = self._codes
            if self._cause is not None:
                fields["cause"] = self._cause
            if self.fault is not None:
                log.warning(event, **fields)
                return
        if _write_line is None:
            log.info(event, **fields)
            return
        fields["event"] = event
        for name, value in self.fields.items():
            fields.setdefault(name, value)
        _write_line(fields)


# Writes the fields of a line of level info. None: structlog does.
_write_line: Callable[[dict[str, Any]], None] | None = None


def use_line_writer(write: Callable[[dict[str, Any]], None] | None) -> None:
    """Write the lines of requests without structlog, whose processors take most of the time of a line."""
    global _write_line
    _write_line = write


def _is_fault(code: str, limit: object) -> bool:
    return code in _FAULTS and limit not in _PROTECTION


def is_fault(error: BaseException) -> bool:
    """Whether the server or a dependency caused the error, and not the client, a limit, or a cancellation."""
    if isinstance(error, ClientError):
        return _is_fault(error.code, error.extensions.get("limit"))
    return isinstance(error, Exception)


def count_rejection(limit: str) -> None:
    """Count a request that is rejected for a limit before it has a record."""
    _limit_counts[limit] += 1
    _counts[ErrorCode.SERVICE_UNAVAILABLE.value] += 1


def count_limit(limit: str) -> None:
    """Count an exceeded limit that is not an error of a request, such as the length of a WebSocket message."""
    _limit_counts[limit] += 1


def limit_counts() -> Mapping[str, int]:
    """Return the number of requests, WebSocket operations and messages that exceeded each limit, by its setting."""
    return _limit_counts


def error_counts() -> Mapping[str, int]:
    """Return the number of requests and WebSocket operations with each error code."""
    return _counts


_current: ContextVar[ErrorRecord | None] = ContextVar("error_record", default=None)


def record_errors(fields: dict[str, Any]) -> ErrorRecord:
    """Start a record for this task and the tasks that it creates from now on."""
    record = ErrorRecord(fields)
    _current.set(record)
    return record


def current_record() -> ErrorRecord | None:
    return _current.get()


def bind_fields(**fields: Any) -> None:
    """Add fields to the current request's log lines. structlog's context variables take ten times as long."""
    record = _current.get()
    if record is not None:
        record.fields.update(fields)


def merge_fields(logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor that adds the current request's fields. Jobs use structlog's context variables instead."""
    record = _current.get()
    if record is None:
        return structlog.contextvars.merge_contextvars(logger, method, event)
    for name, value in record.fields.items():
        event.setdefault(name, value)
    return event


def record_code(
    code: str, cause: str | None = None, limit: str | None = None, error: BaseException | None = None
) -> None:
    """Record an error code for the current request's log line. `limit`: the limit that was exceeded."""
    record = _current.get()
    if record is not None:
        record.add(code, cause, limit, error)


def record_error(error: ClientError) -> None:
    """Record a client error. The traceback of a fault's cause is logged at most once a second for each type."""
    cause = _cause(error)
    limit = error.extensions.get("limit")
    name = limit if isinstance(limit, str) else None
    if error.code not in _FAULTS:
        record_code(str(error.code), None if cause is error else describe_error(cause), name, cause)
        return
    record_code(str(error.code), error.message if cause is error else describe_error(cause), name, cause)
    if cause is not error:
        _log_traceback("operation failed", (error.code, type(cause)), error, warning=True)


def record_bug(event: str, error: BaseException, **fields: Any) -> None:
    """Record an unexpected exception. Its traceback is logged at most once a second for each raising line."""
    record_code(ErrorCode.INTERNAL_SERVER_ERROR.value, describe_error(error), error=error)
    _log_traceback(event, (type(error), *_get_raising_line(error.__traceback__)), error, warning=False, **fields)


def _log_traceback(event: str, key: tuple[object, ...], error: BaseException, *, warning: bool, **fields: Any) -> None:
    refused = _throttle.admit(key)
    if refused is None:
        return
    if refused:
        fields["repeated"] = refused
    (log.warning if warning else log.error)(event, exc_info=error, **fields)


def _cause(error: BaseException) -> BaseException:
    """Return the first exception in the chain that is not a client error, or the error itself."""
    cause: BaseException = error
    while isinstance(cause, ClientError) and cause.__cause__ is not None:
        cause = cause.__cause__
    return error if isinstance(cause, ClientError) else cause


def _get_raising_line(traceback: TracebackType | None) -> tuple[object, ...]:
    """Return the code object and line that raised the exception."""
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    return () if traceback is None else (traceback.tb_frame.f_code, traceback.tb_lineno)
