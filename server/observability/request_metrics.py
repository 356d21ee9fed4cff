"""Metrics of requests and operations, named by OpenTelemetry's conventions for HTTP and GraphQL."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from common.metrics.admitted_names import NameGroup
from common.metrics.frequent_names import MAX_LENGTH, FrequentNames
from common.metrics.instruments import OTHER, Counter, Histogram, HistogramSeries, current_store
from domain.usage import UNKNOWN

if TYPE_CHECKING:
    # Workers record errors, too, and load no HTTP framework.
    from starlette.types import Scope

# Operations with series of their own: those of trusted documents, and of others, of which clients choose the names.
_TRUSTED_NAMES = NameGroup("graphql_operation_name", "trusted", 1_000)
_OPERATION_NAMES = NameGroup("graphql_operation_name", "frequent", 200)
_CLIENT_NAMES = NameGroup("client", "frequent", 100)
# Series of errors in a process. The names of more are `other`.
MAX_ERROR_SERIES = 5_000
_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "QUERY"))
# OpenTelemetry's value for all other methods.
_OTHER_METHOD = "_OTHER"
_KINDS = ("query", "mutation", "subscription")

_REQUESTS = Histogram(
    "http_server_request_duration_seconds",
    "Duration of HTTP requests, including streams.",
    ("http_request_method", "http_route", "http_response_status_code"),
)
_OPERATIONS = Histogram(
    "graphql_server_request_duration_seconds",
    "Duration of GraphQL queries and mutations, and of events of subscriptions.",
    ("graphql_operation_type", "graphql_operation_name"),
    known=[(kind, "") for kind in _KINDS],
)
_ERRORS = Counter(
    "graphql_server_request_errors",
    "GraphQL operations with an error, by its code.",
    ("graphql_operation_type", "graphql_operation_name", "error_type"),
)
_CLIENTS = Counter(
    "shinjp_client_operations", "GraphQL operations, by the client's name in their headers.", ("client",)
)


class Outcome(StrEnum):
    """`ANSWERED`: also with an error of the client. `FAILED`: by the server. `REJECTED`: during overload."""

    ANSWERED = "answered"
    FAILED = "failed"
    REJECTED = "rejected"


_AVAILABILITY = Counter(
    "shinjp_operations",
    "GraphQL operations over all transports, and WebSockets that failed, by outcome. A subscription counts at its end.",
    ("outcome",),
    known=[(outcome.value,) for outcome in Outcome],
)
# Reading the value of an enumeration's member takes as long as a look-up in a dictionary.
_outcomes = {outcome: _AVAILABILITY[outcome.value,] for outcome in Outcome}
# With the status as a number.
_series_of_requests: dict[tuple[str, str, int], HistogramSeries] = {}


_series_of_errors: set[tuple[str, str, str]] = set()
# Series of operations without a name.
_unnamed = {kind: _OPERATIONS[kind, ""] for kind in _KINDS}


def record_request(scope: "Scope", status: int, seconds: float, trace_id: int | None = None) -> None:
    """Record an HTTP request. Its route is empty if there is none. `trace_id`: of a trace that is kept."""
    method, route = scope["method"], scope.get("route")
    key = method if method in _METHODS else _OTHER_METHOD, "" if route is None else route.path, status
    series = _series_of_requests.get(key)
    if series is None:
        method, path, _ = key
        series = _series_of_requests[key] = _REQUESTS[method, path, str(status)]
    series.observe(seconds, trace_id)


def record_outcome(outcome: Outcome) -> None:
    """Record an operation of any transport."""
    _outcomes[outcome].add()


def record_operation(
    kind: str, name: str | None, seconds: float, codes: Iterable[str] = (), trace_id: int | None = None
) -> None:
    """Record an operation, or an event of a subscription. `trace_id`: of a trace that is kept."""
    label = _label(name)
    _OPERATIONS[kind, label].observe(seconds, trace_id)
    for code in codes:
        key = kind, label, code
        if label and key not in _series_of_errors:
            if len(_series_of_errors) < MAX_ERROR_SERIES:
                _series_of_errors.add(key)
            else:
                key = kind, OTHER, code
        _ERRORS[key].add()


def record_operation_of(
    fields: Mapping[str, object], client: str, seconds: float, codes: Iterable[str], trace_id: int | None
) -> None:
    """Record the operation of a request, by the fields of its log line. Events of subscriptions are recorded each."""
    kind = fields.get("kind")
    if isinstance(kind, str):
        name = fields.get("operation")
        if isinstance(name, str) and "document_id" in fields and name not in _trusted:
            _trust(name)
        if kind != "subscription":
            if name is None and not codes:
                _unnamed[kind].observe(seconds, trace_id)
            else:
                record_operation(kind, name if isinstance(name, str) else None, seconds, codes, trace_id)
        _CLIENTS[client if client == UNKNOWN.name else _clients.label(client),].add()


def _label(name: str | None) -> str:
    if name is None:
        return ""
    return name if name in _trusted else _names.label(name)


def _trust(name: str) -> None:
    if len(name) <= MAX_LENGTH and current_store().names.admit(_TRUSTED_NAMES, name):
        _trusted.add(name)


_names, _clients = FrequentNames(_OPERATION_NAMES), FrequentNames(_CLIENT_NAMES)
# Names of operations of trusted documents that were requested.
_trusted: set[str] = set()
