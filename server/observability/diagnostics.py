"""Writes slow operations and errors of this process to the database, next to those of other processes."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import perf_counter
from typing import Any

import structlog

from common.task_set import cancel_and_wait
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

    def add(self, ended: EndedTrace) -> None:
        self._slowest.append(ended)
        if len(self._slowest) > MAX_OPERATIONS:
            self._slowest.remove(min(self._slowest, key=lambda other: other.seconds))

    def take(self) -> list[SlowOperation]:
        """Remove and return them."""
        taken, self._slowest = self._slowest, []
        now, clock = datetime.now(UTC), perf_counter()
        return [_describe(ended, now - timedelta(seconds=clock - ended.ended_at)) for ended in taken]


@asynccontextmanager
async def write_diagnostics(database: Database, slow: SlowOperations) -> AsyncIterator[None]:
    """Write them periodically and on exit."""

    async def flush() -> None:
        errors = take_occurrences()
        try:
            # Shorter than the wait for a connection, because the database may be down at shutdown.
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                if errors:
                    await add_errors(database, errors)
                    errors = {}
                operations = slow.take()
                if operations:
                    await add_slow_operations(database, operations)
        except (ClientError, TimeoutError) as error:
            return_occurrences(errors)
            # Health checks report the outage.
            log.debug("diagnostics not written", reason=str(error))

    async def flush_loop() -> None:
        while True:
            await asyncio.sleep(FLUSH_INTERVAL_SECONDS)
            # Clients need the connections.
            if not database.is_full:
                await flush()

    task = asyncio.create_task(flush_loop())
    try:
        yield
    finally:
        await cancel_and_wait(task)
        await flush()


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
