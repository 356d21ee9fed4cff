"""Sends traces to a collector by OTLP over HTTP, from a bounded queue in batches."""

import asyncio
import os
import random
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from uuid import uuid4

import httpx2
import orjson
import structlog

from common.metrics.instruments import Counter
from common.task_set import cancel_and_wait
from common.throttle import Throttle
from common.tracing.collector import EndedTrace
from server.observability.tracing.otlp import encode_traces

log = structlog.get_logger()

_PATH = "/v1/traces"
# A batch each second bounds the CPU time: encoding a span takes about 6 µs.
_INTERVAL_SECONDS = 1.0
_MAX_BATCH_SPANS = 2_000
_MAX_QUEUED_SPANS = 10_000
# Of traces that are kept only because a client requested it, so that strangers do not displace errors.
_MAX_REQUESTED_SPANS = 2_500
_TIMEOUT_SECONDS = 10.0
# Delays in intervals before a batch is sent again. The queue fills meanwhile.
_RETRY_DELAYS = (1, 2, 4, 8)
_MAX_RETRY_AFTER_SECONDS = 30.0
_RETRYABLE = frozenset((429, 502, 503, 504))
# For all that is queued when the process stops.
_FLUSH_SECONDS = 3.0
_LOG_INTERVAL_SECONDS = 60.0

_SENT = Counter("shinjp_trace_spans_sent", "Spans that the collector accepted.")
_DROPPED = Counter(
    "shinjp_trace_spans_dropped",
    "Spans of kept traces that were not sent, by reason.",
    ("reason",),
    known=[("queue full",), ("share of requested traces full",), ("rejected",), ("unavailable",), ("error",)],
)


class _Retryable(Exception):
    """The batch may be accepted later, after `delay` seconds if the collector states it."""

    def __init__(self, reason: str, delay: float | None = None) -> None:
        super().__init__(reason)
        self.delay = delay


class _Rejected(Exception):
    """The batch will never be accepted."""


class TraceExporter:
    """A sink of traces. Open it with `open_exporter`."""

    def __init__(
        self, client: httpx2.AsyncClient, url: str, resource: Mapping[str, str | int], interval: float
    ) -> None:
        self._client = client
        self._interval = interval
        self._url = url
        self._resource = resource
        self._queue: deque[EndedTrace] = deque()
        self._queued_spans = 0
        self._requested_spans = 0
        # The batch that is being sent.
        self._batch: list[EndedTrace] = []
        self._throttle = Throttle(_LOG_INTERVAL_SECONDS)

    def add(self, ended: EndedTrace) -> None:
        count = _count_spans(ended)
        if self._queued_spans + count > _MAX_QUEUED_SPANS:
            _DROPPED["queue full",].add(count)
            return
        if ended.is_requested:
            if self._requested_spans + count > _MAX_REQUESTED_SPANS:
                _DROPPED["share of requested traces full",].add(count)
                return
            self._requested_spans += count
        self._queue.append(ended)
        self._queued_spans += count

    async def run(self) -> None:
        """Send a batch in each interval, until cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            if self._take_batch():
                try:
                    await self._send_with_retries()
                except Exception as error:
                    self._fail(error)

    async def flush(self) -> None:
        """Send the rest, without retries. `run` has ended."""
        try:
            async with asyncio.timeout(_FLUSH_SECONDS):
                while self._batch or self._take_batch():
                    try:
                        await self._send()
                    except (_Retryable, _Rejected) as error:
                        self._drop("unavailable" if isinstance(error, _Retryable) else "rejected", error)
                    except Exception as error:
                        self._fail(error)
        except TimeoutError as error:
            self._drop("unavailable", error)
            while self._take_batch():
                self._drop("unavailable", error)

    def _take_batch(self) -> bool:
        """Whether there is one."""
        spans = 0
        while self._queue and spans < _MAX_BATCH_SPANS:
            ended = self._queue.popleft()
            self._batch.append(ended)
            count = _count_spans(ended)
            spans += count
            if ended.is_requested:
                self._requested_spans -= count
        self._queued_spans -= spans
        return bool(self._batch)

    async def _send_with_retries(self) -> None:
        for delay in (*_RETRY_DELAYS, None):
            try:
                await self._send()
                return
            except _Rejected as error:
                self._drop("rejected", error)
                return
            except _Retryable as error:
                if delay is None:
                    self._drop("unavailable", error)
                    return
                await asyncio.sleep(error.delay or self._interval * delay * random.uniform(0.5, 1.5))  # noqa: S311  # no secret

    async def _send(self) -> None:
        """Raises _Retryable and _Rejected; the batch remains."""
        count = sum(map(_count_spans, self._batch))
        body = encode_traces(self._resource, self._batch)
        try:
            response = await self._client.post(self._url, content=body)
        except (httpx2.HTTPError, OSError) as error:
            raise _Retryable(type(error).__name__) from error
        status = response.status_code
        if status in _RETRYABLE:
            raise _Retryable(f"status {status}", _retry_after(response.headers.get("retry-after")))
        if not 200 <= status < 300:
            raise _Rejected(f"status {status}")
        self._batch.clear()
        rejected = min(count, _count_rejected(response.content))
        _SENT[()].add(count - rejected)
        if rejected:
            _DROPPED["rejected",].add(rejected)

    def _fail(self, error: Exception) -> None:
        """Drop a batch that cannot be encoded, or whose response cannot be read: others are sent nevertheless."""
        if self._throttle.admit(type(error).__name__) is not None:
            log.error("traces not sent", exc_info=error)
        _DROPPED["error",].add(sum(map(_count_spans, self._batch)))
        self._batch.clear()

    def _drop(self, outcome: str, error: Exception) -> None:
        _DROPPED[outcome,].add(sum(map(_count_spans, self._batch)))
        self._batch.clear()
        if self._throttle.admit(outcome) is not None:
            log.warning("traces not sent", reason=str(error) or type(error).__name__)


@asynccontextmanager
async def open_exporter(
    endpoint: str, headers: Mapping[str, str], process: str, interval: float = _INTERVAL_SECONDS
) -> AsyncIterator[TraceExporter]:
    """`endpoint`: the base URL of the collector. `process`: the kind of this one. `interval`: seconds between batches.

    Sends the rest on exit.
    """
    resource: dict[str, str | int] = {
        "service.name": "shinjp",
        "service.version": version("shinjp-graphql"),
        "service.instance.id": str(uuid4()),
        "process.pid": os.getpid(),
        "shinjp.process": process,
    }
    given = {**headers, "Content-Type": "application/json", "User-Agent": "ShinJP"}
    async with httpx2.AsyncClient(headers=given, timeout=_TIMEOUT_SECONDS, trust_env=False) as client:
        exporter = TraceExporter(client, endpoint.rstrip("/") + _PATH, resource, interval)
        task = asyncio.create_task(exporter.run())
        try:
            yield exporter
        finally:
            await cancel_and_wait(task)
            await exporter.flush()


def _count_spans(ended: EndedTrace) -> int:
    return 1 + len(ended.trace.spans)


def _retry_after(value: str | None) -> float | None:
    return min(float(value), _MAX_RETRY_AFTER_SECONDS) if value is not None and value.isdigit() else None


def _count_rejected(body: bytes) -> int:
    """The number in the collector's partial success."""
    try:
        found = orjson.loads(body)
        return int(found["partialSuccess"]["rejectedSpans"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return 0
