"""Writes slow operations and errors of this process to the database, next to those of other processes."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import structlog

from common.error_descriptions import describe_error
from common.periodic import flushed_periodically
from common.throttle import Throttle
from common.tracing import span_types
from common.tracing.collector import EndedTrace
from common.tracing.trace import Span
from db.core.database import Database
from db.services.diagnostics import add_errors, add_slow_operations
from domain.diagnostics import MAX_STATEMENTS, PHASES, SlowOperation, StatementTotal
from domain.errors import ClientError
from server.observability.error_groups import return_occurrences, take_occurrences

log = structlog.get_logger()

FLUSH_INTERVAL_SECONDS = 5.0
_TIMEOUT_SECONDS = 2.0
# Of an interval; the slowest ones.
MAX_OPERATIONS = 20
# That wait for the database; the latest ones.
_MAX_UNWRITTEN = 200
_throttle = Throttle(60.0)

_PHASES: dict[int, str] = {
    id(type): phase
    for type, phase in (
        (span_types.PARSE, "parse"),
        (span_types.VALIDATE, "validate"),
        (span_types.PLAN, "plan"),
        (span_types.EXECUTE, "execute"),
        (span_types.ENCODE, "encode"),
        (span_types.STATEMENT, "sql"),
        (span_types.TRANSACTION, "sql"),
        (span_types.POOL_WAIT, "pool_wait"),
        (span_types.REDIS, "redis"),
    )
}


class SlowOperations:
    """A sink of traces: those of this process that are not written yet."""

    def __init__(self) -> None:
        self._slowest: list[EndedTrace] = []
        self._unwritten: deque[SlowOperation] = deque(maxlen=_MAX_UNWRITTEN)

    def add(self, ended: EndedTrace) -> None:
        self._slowest.append(ended)
        if len(self._slowest) > MAX_OPERATIONS:
            self._slowest.remove(min(self._slowest, key=lambda other: other.seconds))

    def take(self) -> list[SlowOperation]:
        """Remove and return them."""
        ended, self._slowest = self._slowest, []
        now, clock = datetime.now(UTC), perf_counter()
        self._unwritten.extend(_describe(one, now - timedelta(seconds=clock - one.ended_at)) for one in ended)
        taken = list(self._unwritten)
        self._unwritten.clear()
        return taken

    def restore(self, taken: Sequence[SlowOperation]) -> None:
        """Take them again next time."""
        self._unwritten.extendleft(reversed(taken))


@asynccontextmanager
async def write_diagnostics(database: Database, slow: SlowOperations) -> AsyncIterator[None]:
    """Write them periodically and on exit."""

    async def flush_unless_full() -> None:
        # Clients need the connections.
        if not database.is_full:
            await flush(database, slow)

    async with flushed_periodically(flush_unless_full, FLUSH_INTERVAL_SECONDS):
        yield


async def flush(database: Database, slow: SlowOperations) -> None:
    """Write them. After an outage of the database they are written next time."""
    errors, operations = take_occurrences(), slow.take()
    try:
        # Shorter than the wait for a connection, because the database may be down at shutdown.
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            if errors:
                await add_errors(database, errors)
                errors = {}
            if operations:
                await add_slow_operations(database, operations)
    except (ClientError, TimeoutError) as error:
        return_occurrences(errors)
        slow.restore(operations)
        # Health checks report the outage.
        log.debug("diagnostics not written", reason=describe_error(error))
    except Exception as error:
        # They may be the cause, and must not keep later ones from being written.
        if _throttle.admit(type(error).__name__) is not None:
            log.exception("diagnostics not written")


def _describe(ended: EndedTrace, at: datetime) -> SlowOperation:
    attributes: Any = ended.attributes
    spans = [Span(*recorded) for recorded in ended.trace.spans]
    phases = dict.fromkeys(PHASES, 0.0)
    for span in spans:
        phase = _PHASES.get(id(span.type))
        if phase is not None:
            phases[phase] += _milliseconds(span)
    return SlowOperation(
        at=at,
        kind=attributes["graphql.operation.type"],
        operation=attributes.get("graphql.operation.name"),
        document_hash=attributes.get("graphql.document.hash"),
        client=attributes["shinjp.client"],
        duration_ms=ended.seconds * 1000,
        phases=phases,
        statements=_sum_statements(spans),
        request_id=attributes.get("shinjp.request_id"),
        trace_id=f"{ended.trace.trace_id:032x}",
    )


def _sum_statements(spans: Sequence[Span]) -> Sequence[StatementTotal]:
    """The slowest statements."""
    by_name: defaultdict[str, list[Span]] = defaultdict(list)
    for span in spans:
        if span.type is span_types.STATEMENT:
            by_name[span.name].append(span)
    totals = [
        StatementTotal(
            name,
            len(executions),
            sum(map(_milliseconds, executions)),
            sum(span.detail for span in executions if isinstance(span.detail, int)),
        )
        for name, executions in by_name.items()
    ]
    return sorted(totals, key=lambda total: -total.duration_ms)[:MAX_STATEMENTS]


def _milliseconds(span: Span) -> float:
    return (span.ended_at - span.started_at) * 1000
