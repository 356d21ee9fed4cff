"""The workers' side of the job queue, on top of PgQueuer.

PgQueuer delivers entries to workers, detects dead workers by their heartbeats and redelivers their entries. The state
of a job is in the table `jobs`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import structlog
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.errors import FailingListenerError, RetryRequested
from pgqueuer.models import Job as QueuedEntry
from pgqueuer.models import TableChangedEvent, TracebackRecord
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import Channel

from common.task_set import TaskSet
from db.core.errors import DATABASE_ERRORS
from db.core.watched_connection import connect
from db.notify.job_entries import QueueEntry
from domain.enums import JobKind

log = structlog.get_logger()

# All names are set, because PgQueuer reads missing ones from environment variables such as CHANNEL.
_SETTINGS = DBSettings(
    db_schema="queue",
    prefix="",
    channel=Channel("queue"),
    queue_table="entries",
    queue_table_log="log",
    statistics_table="statistics",
    schedules_table="schedules",
    queue_status_type="status",
    function="tell_workers",
    trigger="tell_workers",
    durability=Durability.durable,
)
_BATCH_SIZE = 5
# A statement that takes longer was sent on a dead connection.
_COMMAND_TIMEOUT_SECONDS = 15.0
# The delay of an entry whose handler failed for a reason that has nothing to do with its job.
_RETRY_DELAY = timedelta(seconds=5)


# Handles an entry and returns the delay after which it is redelivered; None: never.
Handle = Callable[[JobKind, QueueEntry], Awaitable[timedelta | None]]


def install_statements() -> str:
    """Return the DDL that creates the queue's tables."""
    return QueryBuilderEnvironment(_SETTINGS).build_install_query()


def uninstall_statements() -> str:
    """Return the DDL that drops them."""
    return f"{QueryBuilderEnvironment(_SETTINGS).build_uninstall_query()} DROP SCHEMA {_SETTINGS.db_schema};"


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """Limits of concurrency: `max_concurrent_by_kind` for all workers together, `max_concurrent` for one worker.

    `heartbeat`: a worker without a heartbeat for this long is considered dead.
    """

    max_concurrent_by_kind: Mapping[JobKind, int]
    max_concurrent: int = 10
    heartbeat: timedelta = timedelta(seconds=30)


async def consume(url: str, limits: WorkerLimits, handle: Handle, stopping: asyncio.Event) -> None:
    """Handle entries until `stopping` is set, then cancel running handlers and requeue their entries immediately.

    `url` must bypass poolers. Raises one of `DATABASE_ERRORS` if the connection is lost, after cancelling all running
    handlers: their entries are redelivered to another worker.
    """
    async with _connect(url) as connection:
        queries = _queries(connection)
        manager = QueueManager(queries, channel=Channel(_SETTINGS.channel))
        running = _RunningEntries(handle, manager)
        for kind, limit in limits.max_concurrent_by_kind.items():
            manager.entrypoint(kind.value, concurrency_limit=limit, accepts_context=False)(running.handler(kind))
        connection.add_termination_listener(lambda _: running.stop())
        watcher = asyncio.create_task(_stop_when(stopping, running))
        try:
            await manager.run(
                dequeue_timeout=min(limits.heartbeat / 3, timedelta(seconds=10)),
                batch_size=_BATCH_SIZE,
                max_concurrent_tasks=max(limits.max_concurrent, 2 * _BATCH_SIZE),
                shutdown_on_listener_failure=True,
                heartbeat_timeout=limits.heartbeat,
            )
        except FailingListenerError:
            raise ConnectionError("the connection that receives notifications was lost") from None
        finally:
            watcher.cancel()


class _RunningEntries:
    """Tasks of running handlers. PgQueuer's own tasks are never cancelled, because it would delete their entries."""

    def __init__(self, handle: Handle, manager: QueueManager) -> None:
        self._handle = handle
        self._manager = manager
        self._tasks = TaskSet()

    def stop(self) -> None:
        self._manager.shutdown.set()
        self._tasks.cancel()

    def handler(self, kind: JobKind) -> Callable[[QueuedEntry], Awaitable[None]]:
        async def handle_entry(queued: QueuedEntry) -> None:
            delay = await self._result(kind, queued)
            if delay is not None:
                raise RetryRequested(delay)

        return handle_entry

    async def _result(self, kind: JobKind, queued: QueuedEntry) -> timedelta | None:
        if self._manager.shutdown.is_set():
            return timedelta()
        entry = QueueEntry.from_payload(queued.payload or b"")
        task = asyncio.ensure_future(self._handle(kind, entry))
        self._tasks.add(task)
        await asyncio.wait({task})
        if task.cancelled():
            return timedelta()
        error = task.exception()
        if error is None:
            return task.result()
        log.error("queue entry failed", kind=kind, job_id=str(entry.job_id), exc_info=error)
        return _RETRY_DELAY


async def _stop_when(stopping: asyncio.Event, running: _RunningEntries) -> None:
    await stopping.wait()
    running.stop()


class _WorkerQueries(Queries):
    """Queries that announce entries that are delivered again, as PgQueuer announces new ones.

    Otherwise workers that already wait do not know when such an entry is due, and find it by polling.
    """

    async def retry_job(self, job: QueuedEntry, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        await super().retry_job(job, delay, traceback_record)
        event = TableChangedEvent(
            channel=Channel(_SETTINGS.channel),
            sent_at=datetime.now(UTC),
            type="table_changed_event",
            operation="update",
            table=_SETTINGS.queue_table,
        )
        try:
            await self.driver.execute("select pg_notify($1, $2)", _SETTINGS.channel, event.model_dump_json())
        except DATABASE_ERRORS as error:
            # PgQueuer would delete the entry. Workers find it by polling.
            log.warning("workers not notified", reason=type(error).__name__)


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await connect(
        url,
        command_timeout=_COMMAND_TIMEOUT_SECONDS,
        server_settings={"application_name": "shinjp worker", "statement_timeout": "15000", "jit": "off"},
    )
    try:
        yield connection
    finally:
        connection.terminate()


def _queries(connection: asyncpg.Connection) -> Queries:
    return _WorkerQueries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(_SETTINGS),
        QueryQueueBuilder(_SETTINGS),
        QuerySchedulerBuilder(_SETTINGS),
    )
