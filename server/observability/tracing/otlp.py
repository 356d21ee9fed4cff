"""Encodes traces as OTLP's JSON."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from common.tracing.collector import EndedTrace
from common.tracing.span_types import SpanKind
from common.tracing.trace import ROOT, Span, Trace
from common.tracing.trace_context import TraceContext

_ERROR = 2
_SAMPLED = 1
# OpenTelemetry's default limit of a span.
_MAX_LINKS = 128


def encode_traces(resource: Mapping[str, str | int], traces: Iterable[EndedTrace]) -> bytes:
    """Return an ExportTraceServiceRequest. `resource`: attributes of the process."""
    # Spans have times of another clock.
    epoch = time.time_ns() - time.perf_counter_ns()
    spans = [span for ended in traces for span in _encode_trace(ended, epoch)]
    scope = {"name": "shinjp"}
    request = {
        "resourceSpans": [
            {"resource": {"attributes": _encode_attributes(resource)}, "scopeSpans": [{"scope": scope, "spans": spans}]}
        ]
    }
    return orjson.dumps(request)


def _encode_trace(ended: EndedTrace, epoch: int) -> Iterable[dict[str, Any]]:
    trace = ended.trace
    attributes: dict[str, object] = {**ended.type.attributes, **ended.attributes}
    if trace.dropped:
        attributes["shinjp.dropped_spans"] = trace.dropped
    root = _encode_span(trace.context(), None, ended.name, ended.type.kind, trace.started_at, ended.ended_at, epoch)
    if trace.parent is not None:
        root["parentSpanId"] = f"{trace.parent.span_id:016x}"
    if ended.links:
        root["links"] = [_encode_link(link) for link in ended.links]
    yield _complete(root, attributes, ended.error)
    yield from _encode_children(trace, epoch)


def _encode_children(trace: Trace, epoch: int) -> Iterable[dict[str, Any]]:
    spans = [Span(*recorded) for recorded in trace.spans]
    # The parent of a span was not recorded if it had not ended before the trace, or was beyond the limit.
    known = {span.id for span in spans}
    last_id = trace.last_id
    for span in spans:
        id = span.id
        if not id:
            last_id = id = last_id + 1
        parent = trace.context(span.parent if span.parent in known else ROOT)
        type = span.type
        encoded = _encode_span(trace.context(id), parent, span.name, type.kind, span.started_at, span.ended_at, epoch)
        attributes: dict[str, object] = {**type.attributes}
        if type.name_attribute is not None:
            attributes[type.name_attribute] = span.name
        if type.detail_attribute is not None:
            attributes[type.detail_attribute] = span.detail
        links = [_encode_link(trace.context(link)) for link in span.links if link in known][:_MAX_LINKS]
        if links:
            encoded["links"] = links
        yield _complete(encoded, attributes, span.error)


def _encode_span(
    context: TraceContext,
    parent: TraceContext | None,
    name: str,
    kind: SpanKind,
    started_at: float,
    ended_at: float,
    epoch: int,
) -> dict[str, Any]:
    span: dict[str, Any] = {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "name": name,
        "kind": int(kind),
        "flags": _SAMPLED,
        "startTimeUnixNano": str(epoch + int(started_at * 1e9)),
        "endTimeUnixNano": str(epoch + int(ended_at * 1e9)),
    }
    if context.state:
        span["traceState"] = context.state
    if parent is not None:
        span["parentSpanId"] = f"{parent.span_id:016x}"
    return span


def _encode_link(link: TraceContext) -> dict[str, Any]:
    return {"traceId": f"{link.trace_id:032x}", "spanId": f"{link.span_id:016x}", "flags": int(link.is_sampled)}


def _complete(span: dict[str, Any], attributes: Mapping[str, object], error: str | None) -> dict[str, Any]:
    if error is not None:
        attributes = {**attributes, "error.type": error}
        span["status"] = {"code": _ERROR}
    span["attributes"] = _encode_attributes(attributes)
    return span


def _encode_attributes(attributes: Mapping[str, object]) -> Sequence[dict[str, Any]]:
    return [{"key": key, "value": _encode_value(value)} for key, value in attributes.items() if value is not None]


def _encode_value(value: object) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            # Integers of 64 bits are strings in the JSON of Protocol Buffers.
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case _:
            return {"stringValue": str(value)}
