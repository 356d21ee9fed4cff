"""CPU of requests with and without traces, of this process, which serves them and sends traces to itself.

    python -m bench.tracing

1 % of the traces are kept and sent. Requests with and without traces take turns in short rounds; `ratio` is that of
the rounds in which each took least. It also has the time of recording a span, and of a trace without spans.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from bench.comparison.operations import QUERIES, prepare
from bench.harness import report
from common.tracing.collector import TraceCollector
from common.tracing.span_types import EXECUTE, STATEMENT
from common.tracing.trace import MAX_SPANS, Trace, record, span
from common.tracing.trace_context import TraceContext
from server.app import create_app
from server.auth.development_tokens import issue_token
from server.cli.databases import database_servers, owner_url
from server.observability.tracing.exporter import open_exporter
from server.settings import Settings

ROUNDS, REQUESTS = 150, 40
SPANS = 100_000
SETTINGS: dict[str, Any] = {
    "log_level": "warning",
    "cache": "off",
    "cost_limit": "off",
    "trace_sample_ratio": 0.01,
    "operation_timeout_seconds": 60,
}


class NoTraces(TraceCollector):
    """Records nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._trace = Trace(1, None, is_sampled=False, started_at=0)

    def start(
        self, parent: TraceContext | None = None, *, trace_id: int | None = None, cause: TraceContext | None = None
    ) -> Trace:
        self._trace.started_at = time.perf_counter()
        return self._trace

    def keeps(self, trace: Trace, seconds: float, *, failed: bool, may_be_slow: bool = True) -> bool:
        return False


@asynccontextmanager
async def collector() -> AsyncIterator[str]:
    """A server that accepts everything."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            await respond(reader, writer)

    async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
            await reader.readexactly(int(length.partition(b":")[2]))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def send(app: Any, state: dict[str, Any], body: bytes, token: str) -> bytes:
    """Return the body of the response. Raises RuntimeError for errors."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"authorization", f"Bearer {token}".encode()),
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "state": dict(state),
    }
    received = b""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def respond(message: dict[str, Any]) -> None:
        nonlocal received
        received += message.get("body", b"")

    await app(scope, receive, respond)
    if not received.startswith(b'{"data":'):
        raise RuntimeError(received.decode())
    return received


async def measure(app: Any, state: dict[str, Any], body: bytes, token: str) -> float:
    """CPU microseconds of a request."""
    started_at = time.process_time()
    for _ in range(REQUESTS):
        await send(app, state, body, token)
    return (time.process_time() - started_at) / REQUESTS * 1e6


def time_spans(traces: TraceCollector) -> dict[str, float]:
    """Nanoseconds of each way to record."""

    def best(record_once: Any) -> float:
        found = []
        for _ in range(20):
            trace = traces.start()
            trace.limit = SPANS
            started_at = time.perf_counter()
            for _ in range(MAX_SPANS):
                record_once()
            found.append((time.perf_counter() - started_at) / MAX_SPANS * 1e9)
        return round(min(found))

    def containing() -> None:
        with span(EXECUTE, "execute"):
            pass

    def whole() -> None:
        traces.keeps(traces.start(trace_id=1), 0.0, failed=False)

    return {
        "span": best(lambda: record(STATEMENT, "statement", 0.0, 1.0, 1)),
        "span_with_others": best(containing),
        "trace": best(whole),
    }


async def run(settings: Settings) -> None:
    subjects = await prepare(owner_url(settings))
    token = issue_token(settings, subjects.learner)
    app = create_app(settings)
    results: dict[str, Any] = {"nanoseconds": time_spans(TraceCollector())}
    async with app.router.lifespan_context(app) as lifespan, collector() as address:
        state = dict(lifespan or {})
        async with open_exporter(address, {}, "benchmark") as exporter:
            variants = {
                "without": NoTraces(),
                "with": TraceCollector(settings.trace_sample_ratio, settings.trace_slow_ms / 1000, exporter),
            }
            for name, variables in subjects.variables().items():
                body = json.dumps({"query": QUERIES[name], "variables": variables}).encode()
                found: dict[str, list[float]] = {variant: [] for variant in variants}
                for _ in range(ROUNDS):
                    for variant, traces in variants.items():
                        measured = await measure(app, state | {"traces": traces}, body, token)
                        found[variant].append(measured)
                least = {variant: min(values) for variant, values in found.items()}
                results[name] = {
                    "microseconds": {variant: round(value, 1) for variant, value in least.items()},
                    "ratio": round(least["with"] / least["without"], 3),
                }
    report(**results)


def main() -> None:
    with database_servers(Settings.load()) as settings:
        asyncio.run(run(settings.model_copy(update=SETTINGS)))


if __name__ == "__main__":
    main()
