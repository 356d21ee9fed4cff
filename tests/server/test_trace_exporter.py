"""Delivery of traces to a collector that fails, and the headers of W3C Trace Context."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from starlette.responses import JSONResponse, Response

from common.metrics.instruments import current_store
from common.tracing.collector import TraceCollector
from common.tracing.span_types import REQUEST, STATEMENT
from common.tracing.trace import MAX_SPANS, record, use_trace
from common.tracing.trace_context import TraceContext
from server.observability.tracing.exporter import open_exporter
from tests.otlp_server import OtlpServer, otlp_server

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def collector() -> AsyncIterator[OtlpServer]:
    async with otlp_server() as server:
        yield server


@pytest.fixture
async def traces(collector: OtlpServer) -> AsyncIterator[TraceCollector]:
    async with open_exporter(collector.address, {}, "test", 0.02) as exporter:
        yield TraceCollector(1, exporter=exporter)


def keep(
    traces: TraceCollector, name: str, spans: int = 0, parent: TraceContext | None = None, error: str | None = None
) -> None:
    trace = traces.start(parent)
    for _ in range(spans):
        record(STATEMENT, "statement", 0.0, 1.0)
    assert traces.keeps(trace, 0, failed=False)
    traces.end(trace, REQUEST, name, trace.started_at, {}, error=error)


def dropped(reason: str) -> float:
    [*found] = (
        cells[0]
        for series, cells in current_store().entries()
        if "shinjp_trace_spans_dropped" in str(series) and reason in str(series)
    )
    return sum(found)


async def test_batch_is_sent_again_after_an_outage(traces: TraceCollector, collector: OtlpServer) -> None:
    collector.answers.extend([Response(status_code=503), Response(status_code=429, headers={"Retry-After": "0"})])
    keep(traces, "first")
    await collector.requested(1)
    keep(traces, "second")
    await collector.trace("second")
    assert [span.name for span in collector.spans] == ["first", "second"]


async def test_rejected_spans_are_counted(traces: TraceCollector, collector: OtlpServer) -> None:
    before = dropped("rejected")
    collector.answers.extend([Response(status_code=400), JSONResponse({"partialSuccess": {"rejectedSpans": "1"}})])
    keep(traces, "rejected")
    await collector.requested(1)
    keep(traces, "partly rejected", spans=2)
    await collector.trace("partly rejected")
    keep(traces, "accepted")
    await collector.trace("accepted")
    assert dropped("rejected") - before == 2


async def test_queue_and_traces_are_bounded(collector: OtlpServer) -> None:
    full, down = dropped("queue full"), dropped("unavailable")
    async with open_exporter("http://127.0.0.1:9", {}, "test") as exporter:
        traces = TraceCollector(1, exporter=exporter)
        for _ in range(25):
            keep(traces, "large", spans=2 * MAX_SPANS)
    spans = 1 + MAX_SPANS
    assert (dropped("queue full") - full) % spans == 0
    assert dropped("queue full") - full + dropped("unavailable") - down == 25 * spans
    assert dropped("unavailable") - down == 19 * spans


async def test_requested_traces_have_a_share_of_the_queue(collector: OtlpServer) -> None:
    """Any client can set the flag. What failed, and what the server sampled, has room nevertheless."""
    requested, before = TraceContext(1, 1, is_sampled=True), dropped("share of requested traces full")
    async with open_exporter(collector.address, {}, "test", 60) as exporter:
        traces = TraceCollector(1, exporter=exporter)
        for _ in range(30):
            keep(traces, "requested", spans=MAX_SPANS, parent=requested)
        for _ in range(5):
            keep(traces, "sampled", spans=MAX_SPANS)
        keep(traces, "failed", spans=MAX_SPANS, parent=requested, error="TIMEOUT")
    roots = Counter(span.name for span in collector.spans if span.name != "statement")
    assert roots == {"requested": 4, "sampled": 5, "failed": 1}
    assert dropped("share of requested traces full") - before == 26 * (1 + MAX_SPANS)


async def test_exporter_survives_what_cannot_be_encoded(traces: TraceCollector, collector: OtlpServer) -> None:
    before = dropped("error")
    keep(traces, "\ud800")
    async with asyncio.timeout(30):
        while dropped("error") == before:  # noqa: ASYNC110  # there is no event for it
            await asyncio.sleep(0.01)
    keep(traces, "next")
    await collector.trace("next")
    assert [span.name for span in collector.spans] == ["next"]


async def test_nothing_is_recorded_after_the_end(traces: TraceCollector) -> None:
    trace = traces.start()
    traces.keeps(trace, 0, failed=False)
    record(STATEMENT, "late", 0.0, 1.0)
    assert trace.spans == []
    use_trace(trace)
    assert trace.dropped == 1


@pytest.mark.parametrize(
    "parent",
    [
        "",
        PARENT[:-1],
        PARENT + "-00",
        PARENT.upper(),
        PARENT.replace("00-", "ff-", 1),
        PARENT.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        PARENT.replace("b7ad6b7169203331", "0" * 16),
        PARENT.replace("b7", "xx"),
    ],
)
def test_invalid_traceparent_is_ignored(parent: str) -> None:
    assert TraceContext.from_headers({b"traceparent": parent.encode()}) is None


def test_trace_context_round_trips() -> None:
    headers = {"traceparent": PARENT, "tracestate": "a=1,b=2"}
    context = TraceContext.from_headers({name.encode(): value.encode() for name, value in headers.items()})
    assert context is not None
    assert context.to_headers() == headers
    assert TraceContext.from_bytes(context.to_bytes()) == context._replace(state="")
    assert TraceContext.from_bytes(b"") is None
    # A later version.
    later = TraceContext.from_headers({b"traceparent": PARENT.replace("00-", "01-", 1).encode() + b"-new"})
    assert later == context._replace(state="")
    too_long = {b"traceparent": PARENT.encode(), b"tracestate": b"a" * 513}
    assert TraceContext.from_headers(too_long) == later
