"""Starts the traces of a process, and decides at their end which are kept."""

import random
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import NamedTuple, Protocol

from common.tracing.span_types import SpanType
from common.tracing.trace import Trace, current_context, use_trace
from common.tracing.trace_context import TraceContext

Attributes = Mapping[str, str | int | float | None]

# The last 56 bits of trace ids are random, and decide in all systems alike.
_RANDOM_BITS = 2**56


class EndedTrace(NamedTuple):
    """A trace that is kept. `links`: to spans that caused it. `error`: a stable code, or the type of an exception.

    `is_requested`: it is kept only because another system, which may be any client, decided so.
    """

    trace: Trace
    type: SpanType
    name: str
    ended_at: float
    attributes: Attributes
    error: str | None
    links: Sequence[TraceContext]
    is_slow: bool
    is_requested: bool = False

    @property
    def seconds(self) -> float:
        return self.ended_at - self.trace.started_at


class TraceSink(Protocol):
    """Receives traces that are kept. It must not block."""

    def add(self, ended: EndedTrace) -> None: ...


class TraceCollector:
    """`ratio`: of traces that are kept although nothing is special about them. `slow_seconds`: kept from then on.

    Without `exporter` only slow ones are kept. `slow`: gets those.
    """

    def __init__(
        self,
        ratio: float = 0.0,
        slow_seconds: float = float("inf"),
        exporter: TraceSink | None = None,
        slow: TraceSink | None = None,
    ) -> None:
        self._first_sampled = round((1 - ratio) * _RANDOM_BITS)
        self._slow_seconds = slow_seconds
        self._exporter = exporter
        self._slow = slow

    def start(
        self, parent: TraceContext | None = None, *, trace_id: int | None = None, cause: TraceContext | None = None
    ) -> Trace:
        """Start a trace, in which this task and the tasks that it creates record.

        `parent`: it is a part of that trace. `cause`: like a parent, it decides whether the trace is kept.
        """
        if parent is not None:
            trace_id = parent.trace_id
        elif trace_id is None:
            trace_id = random.getrandbits(128) or 1
        decisive = parent or cause
        is_sampled = trace_id % _RANDOM_BITS >= self._first_sampled if decisive is None else decisive.is_sampled
        trace = Trace(
            trace_id, parent, is_sampled=is_sampled, started_at=perf_counter(), is_requested=decisive is not None
        )
        use_trace(trace)
        return trace

    def start_caused(self) -> tuple[Trace, Sequence[TraceContext]]:
        """Start a trace that the current one causes. Return it, and its links."""
        cause = current_context()
        return self.start(cause=cause), () if cause is None else (cause,)

    def keeps(self, trace: Trace, seconds: float, *, failed: bool, may_be_slow: bool = True) -> bool:
        """Whether to `end` the trace with its attributes. Nothing is recorded in it from now on."""
        trace.limit = 0
        if may_be_slow and seconds >= self._slow_seconds:
            return True
        return (failed or trace.is_sampled) and self._exporter is not None

    def end(
        self,
        trace: Trace,
        type: SpanType,
        name: str,
        ended_at: float,
        attributes: Attributes,
        *,
        error: str | None = None,
        links: Sequence[TraceContext] = (),
        may_be_slow: bool = True,
    ) -> None:
        is_slow = may_be_slow and ended_at - trace.started_at >= self._slow_seconds
        is_requested = trace.is_requested and error is None and not is_slow
        ended = EndedTrace(trace, type, name, ended_at, attributes, error, links, is_slow, is_requested)
        if self._exporter is not None:
            self._exporter.add(ended)
        if is_slow and self._slow is not None:
            self._slow.add(ended)
