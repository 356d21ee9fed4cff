"""The response extensions that show how an operation was executed."""

import asyncio
from collections.abc import Mapping
from itertools import islice
from time import perf_counter
from typing import Any

import structlog

from common.error_descriptions import describe_error
from common.tracing import span_types
from common.tracing.span_types import SpanType
from common.tracing.trace import Span, Trace, current_trace
from domain.diagnostics import MAX_PLANS
from domain.errors import ClientError
from resolvers.context import Context

log = structlog.get_logger()

# More time would delay the response too much.
_PLANS_TIMEOUT_SECONDS = 2.0

_TYPE_NAMES = {id(type): name.lower() for name, type in vars(span_types).items() if isinstance(type, SpanType)}


async def debug_extensions(context: Context) -> dict[str, Any]:
    """Return those that the client requested and may see."""
    debug = context.debug
    if not (debug.statistics or debug.trace):
        return {}
    trace, extensions = current_trace(), {}
    if debug.statistics:
        statistics = extensions["stats"] = context.statistics.as_extension()
        if trace is not None:
            statistics["traceId"] = f"{trace.trace_id:032x}"
    if debug.trace and trace is not None:
        extensions["trace"] = _show_spans(trace) | {"statements": await _show_statements(context)}
    return extensions


def _show_spans(trace: Trace) -> dict[str, Any]:
    """The spans that have ended, in the order of their start. `parent` is an `id`; 0: the request."""
    spans = sorted((Span(*recorded) for recorded in trace.spans), key=lambda span: span.started_at)
    return {
        "traceId": f"{trace.trace_id:032x}",
        "durationMs": _milliseconds(perf_counter() - trace.started_at),
        "droppedSpans": trace.dropped,
        "spans": [_show_span(span, trace) for span in spans],
    }


def _show_span(span: Span, trace: Trace) -> dict[str, Any]:
    return {
        "id": span.id,
        "parent": span.parent,
        "type": _TYPE_NAMES[id(span.type)],
        "name": span.name,
        "startMs": _milliseconds(span.started_at - trace.started_at),
        "durationMs": _milliseconds(span.ended_at - span.started_at),
        "detail": span.detail,
        "error": span.error,
    }


async def _show_statements(context: Context) -> list[dict[str, Any]]:
    names = context.statistics.sql_names or {}
    plans = await _explain(context, names) if context.debug.plans and names else {}
    return [{"name": name, "sql": sql, "plan": plans.get(sql)} for sql, name in names.items()]


async def _explain(context: Context, names: Mapping[str, str]) -> Mapping[str, str]:
    """A response must not fail because its plans do."""
    try:
        async with asyncio.timeout(_PLANS_TIMEOUT_SECONDS):
            return await context.reads.explain(islice(names, MAX_PLANS))
    except (ClientError, TimeoutError) as error:
        log.debug("plans not available", reason=describe_error(error))
        return {}


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
