"""The traces of a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from common.tracing.collector import TraceCollector, TraceSink
from server.observability.tracing.exporter import open_exporter
from server.observability.tracing.options import TracingOptions


@asynccontextmanager
async def open_traces(
    options: TracingOptions, process: str, slow: TraceSink | None = None
) -> AsyncIterator[TraceCollector]:
    """`process`: the kind of this one. `slow`: gets slow operations. Sends what is left on exit."""
    if options.endpoint is None:
        yield TraceCollector(slow_seconds=options.slow_seconds, slow=slow)
        return
    async with open_exporter(options.endpoint, options.headers, process) as exporter:
        yield TraceCollector(options.ratio, options.slow_seconds, exporter, slow)
