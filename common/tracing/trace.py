"""The spans of one request or job, recorded as tuples: 0.1 µs each, and 0.7 µs for one that contains others.

Nothing else is made of them unless the trace is kept. Names and details are constants of the program, numbers, or what
clients choose to be seen, such as names of operations: no values of variables, and no personal data.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter
from types import TracebackType
from typing import NamedTuple

from common.tracing.span_types import SpanType
from common.tracing.trace_context import TraceContext

# Of one trace. Others are counted only.
MAX_SPANS = 500

ROOT = 0
_MAX_SPAN_ID = 2**64 - 1

Detail = str | int | None


class Span(NamedTuple):
    """`id`: in the trace; 0 for a span that contains no others. `error`: the type of the exception. `links`: ids of
    spans that caused it, besides its parent.
    """

    id: int
    parent: int
    type: SpanType
    name: str
    started_at: float
    ended_at: float
    detail: Detail
    error: str | None
    links: tuple[int, ...] = ()


class Trace:
    """`parent`: the client's span. `limit`: of recorded spans; 0 once the trace has ended.

    `is_sampled`: whether it is kept in any case. `is_requested`: because another system decided so, which may be any
    client. `document`: the text of the operation's document.
    """

    __slots__ = (
        "_root_id", "document", "dropped", "is_requested", "is_sampled", "last_id", "limit", "parent", "spans",
        "started_at", "trace_id",
    )  # fmt: skip

    def __init__(
        self,
        trace_id: int,
        parent: TraceContext | None,
        *,
        is_sampled: bool,
        started_at: float,
        is_requested: bool = False,
    ) -> None:
        self.trace_id = trace_id
        self.parent = parent
        self.is_sampled = is_sampled
        self.is_requested = is_requested
        self.started_at = started_at
        # The values of a Span, which takes longer to create.
        self.spans: list[tuple[int, int, SpanType, str, float, float, Detail, str | None, tuple[int, ...]]] = []
        self.limit = MAX_SPANS
        self.dropped = 0
        # Of spans that contain others.
        self.last_id = ROOT
        self.document: str | None = None
        self._root_id = 0

    def context(self, id: int = ROOT) -> TraceContext:
        """One of its spans, for other systems and processes."""
        if not self._root_id:
            self._root_id = random.getrandbits(64)
        span_id = (self._root_id + id) & _MAX_SPAN_ID or 1
        return TraceContext(self.trace_id, span_id, self.is_sampled, "" if self.parent is None else self.parent.state)


# The trace, and the id of the span that contains the next one.
_current: ContextVar[tuple[Trace, int] | None] = ContextVar("trace", default=None)


def use_trace(trace: Trace) -> None:
    """Record in this trace, in this task and the tasks that it creates from now on."""
    _current.set((trace, ROOT))


@contextmanager
def detour() -> Iterator[None]:
    """Record in the current trace again afterwards."""
    outer = _current.get()
    try:
        yield
    finally:
        _current.set(outer)


def current_trace() -> Trace | None:
    found = _current.get()
    return None if found is None else found[0]


def current_span_id() -> int:
    """The id of the span that contains the next one; 0 for the first span, and without a trace."""
    found = _current.get()
    return ROOT if found is None else found[1]


def current_context() -> TraceContext | None:
    """The current span, for other systems and processes."""
    found = _current.get()
    return None if found is None else found[0].context(found[1])


def trace_headers() -> dict[str, str]:
    """Headers of a request that is part of the current span."""
    context = current_context()
    return {} if context is None else context.to_headers()


def record(
    type: SpanType, name: str, started_at: float, ended_at: float, detail: Detail = None, error: str | None = None
) -> None:
    """Record a span that contains no others. Times are of `perf_counter`."""
    found = _current.get()
    if found is not None:
        trace, parent = found
        spans = trace.spans
        if len(spans) < trace.limit:
            spans.append((0, parent, type, name, started_at, ended_at, detail, error, ()))
        else:
            trace.dropped += 1


class span:
    """Context manager that records a span, which contains those recorded in it. `links`: as of a Span."""

    __slots__ = ("_detail", "_id", "_links", "_name", "_outer", "_started_at", "_type")

    def __init__(self, type: SpanType, name: str, detail: Detail = None, links: tuple[int, ...] = ()) -> None:
        self._type = type
        self._name = name
        self._detail = detail
        self._links = links

    def __enter__(self) -> None:
        outer = self._outer = _current.get()
        if outer is not None:
            trace = outer[0]
            trace.last_id = self._id = trace.last_id + 1
            _current.set((trace, self._id))
            self._started_at = perf_counter()

    def __exit__(self, kind: type[BaseException] | None, _error: object, _traceback: TracebackType | None) -> None:
        outer = self._outer
        if outer is None:
            return
        ended_at = perf_counter()
        # Without a token, which is valid in one context only: generators are closed in others.
        _current.set(outer)
        trace, parent = outer
        if len(trace.spans) < trace.limit:
            error = None if kind is None else kind.__name__
            trace.spans.append(
                (self._id, parent, self._type, self._name, self._started_at, ended_at, self._detail, error, self._links)
            )
        else:
            trace.dropped += 1
