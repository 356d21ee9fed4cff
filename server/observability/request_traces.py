"""Ends the traces of requests, and records those of events of subscriptions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from starlette.types import Scope

from common.text import hash_document
from common.tracing.collector import TraceCollector
from common.tracing.span_types import EVENT, REQUEST
from common.tracing.trace import Trace, detour
from server.observability.client_names import get_client_name
from server.observability.error_log import ErrorRecord, current_record, is_fault

_FIRST_FAULT = 500
# Clients choose the names of operations.
_MAX_NAME_LENGTH = 100


def end_request_trace(
    traces: TraceCollector, trace: Trace, scope: Scope, status: int, ended_at: float, errors: ErrorRecord
) -> int | None:
    """End the trace of an HTTP request. Return its id if it is kept."""
    # A status of an error with a code is a fault only if the code is: rejections during overload are none.
    failed = errors.fault is not None or (status >= _FIRST_FAULT and not errors.codes)
    # Streams and downloads last as long as clients want.
    may_be_slow = errors.fields.get("kind") in ("query", "mutation")
    if not traces.keeps(trace, ended_at - trace.started_at, failed=failed, may_be_slow=may_be_slow):
        return None
    method, route = scope["method"], scope.get("route")
    path = "" if route is None else route.path
    attributes = {
        "http.request.method": method,
        "http.route": path,
        "http.response.status_code": status,
        **_describe_operation(trace, errors, get_client_name(scope["state"]["headers"]).name),
    }
    name = _name_operation(errors) or f"{method} {path}".rstrip()
    error = (errors.fault or str(status)) if failed else None
    traces.end(trace, REQUEST, name, ended_at, attributes, error=error, may_be_slow=may_be_slow)
    return trace.trace_id


def end_socket_trace(
    traces: TraceCollector, trace: Trace, client: str, ended_at: float, errors: ErrorRecord
) -> int | None:
    """End the trace of an operation of a WebSocket. Return its id if it is kept."""
    failed, may_be_slow = errors.fault is not None, errors.fields.get("kind") in ("query", "mutation")
    if not traces.keeps(trace, ended_at - trace.started_at, failed=failed, may_be_slow=may_be_slow):
        return None
    attributes = {"network.protocol.name": "websocket", **_describe_operation(trace, errors, client)}
    name = _name_operation(errors) or "WebSocket operation"
    traces.end(trace, REQUEST, name, ended_at, attributes, error=errors.fault, may_be_slow=may_be_slow)
    return trace.trace_id


@contextmanager
def event_trace(traces: TraceCollector, operation: str | None, client: str) -> Iterator[None]:
    """Record an event of a subscription in a trace of its own, linked to that of the stream."""
    errors = current_record()
    faults = 0 if errors is None else errors.fault_count
    with detour():
        trace, links = traces.start_caused()
        error: str | None = None
        try:
            yield
            if errors is not None and errors.fault_count > faults:
                error = errors.fault
        except BaseException as raised:
            if is_fault(raised):
                error = type(raised).__name__
            raise
        finally:
            ended_at = perf_counter()
            if traces.keeps(trace, ended_at - trace.started_at, failed=error is not None):
                name = "" if operation is None else operation[:_MAX_NAME_LENGTH]
                attributes = {
                    "graphql.operation.type": "subscription",
                    "graphql.operation.name": name,
                    "shinjp.client": client,
                }
                traces.end(trace, EVENT, f"event {name}".rstrip(), ended_at, attributes, error=error, links=links)


def _describe_operation(trace: Trace, errors: ErrorRecord, client: str) -> Mapping[str, str | None]:
    document, kind = trace.document, errors.fields.get("kind")
    # The queue of ended traces is bounded by their number.
    trace.document = None
    return {
        "graphql.operation.type": kind,
        "graphql.operation.name": _operation_name(errors),
        # The text may contain values.
        "graphql.document.hash": None if document is None else hash_document(document),
        "shinjp.client": client,
        "shinjp.request_id": errors.fields.get("request_id"),
    }


def _name_operation(errors: ErrorRecord) -> str | None:
    kind = errors.fields.get("kind")
    return None if kind is None else f"{kind} {_operation_name(errors) or ''}".rstrip()


def _operation_name(errors: ErrorRecord) -> str | None:
    name = errors.fields.get("operation")
    return name[:_MAX_NAME_LENGTH] if isinstance(name, str) else None
