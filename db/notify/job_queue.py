"""The queue of jobs: PgQueuer, behind what this project needs of it.

It hands entries to workers, notices by heartbeats which workers died, and hands their entries to others. What an entry
means, and what became of its job, stands in the table `jobs`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

import asyncpg
import structlog
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.db import AsyncpgDriver
from pgqueuer.domain.settings import DBSettings, Durability
from pgqueuer.errors import FailingListenerError, RetryRequested
from pgqueuer.models import Job as QueuedEntry
from pgqueuer.models import TableChangedEvent
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from pgqueuer.types import Channel

from domain.enums import JobKind

log = structlog.get_logger()

# Every name is given: PgQueuer takes those that are not from the environment, from variables such as CHANNEL.
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
_BATCH = 5
# A statement that takes longer than this was sent into a connection that is dead.
_STATEMENT_SECONDS = 15.0
# When to come again with an entry that could not be worked on, for a reason that has nothing to do with its job.
_RETRY_DELAY = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """What stands in the queue. A job has one entry that counts; those before it come to nothing."""

    id: UUID
    job_id: UUID
    user_id: UUID

    def payload(self) -> bytes:
        return self.id.bytes + self.job_id.bytes + self.user_id.bytes

    @classmethod
    def from_payload(cls, payload: bytes) -> Self:
        return cls(*(UUID(bytes=payload[start : start + 16]) for start in (0, 16, 32)))


# Works on an entry. Answers when it is to come again; None: never.
Handle = Callable[[JobKind, QueueEntry], Awaitable[timedelta | None]]


def install_statements() -> str:
    """What makes the queue's tables."""
    return QueryBuilderEnvironment(_SETTINGS).build_install_query()


def uninstall_statements() -> str:
    """What removes them."""
    return f"{QueryBuilderEnvironment(_SETTINGS).build_uninstall_query()} DROP SCHEMA {_SETTINGS.db_schema};"


async def enqueue(
    connection: asyncpg.Connection, kind: JobKind, entry: QueueEntry, *, priority: int, delay: timedelta
) -> None:
    """Puts an entry into the queue, in the transaction that the connection is in. One statement."""
    await _queries(connection).enqueue(kind.value, entry.payload(), priority, delay, dedupe_key=entry.id.hex)


@dataclass(frozen=True, slots=True)
class WorkerLimits:
    """`at_once`: entries that one worker works on; `max_concurrent_by_kind`: that all workers do together.

    `heartbeat`: a worker that gave no sign of life for so long is dead.
    """

    max_concurrent_by_kind: Mapping[JobKind, int]
    at_once: int = 10
    heartbeat: timedelta = timedelta(seconds=30)


async def consume(url: str, limits: WorkerLimits, handle: Handle, stopping: asyncio.Event) -> None:
    """Works on entries as they come, until told to stop; what was begun is then cancelled and handed back at once.

    Needs an address without a pooler in between. Raises what `DATABASE_ERRORS` names when the connection is lost: then
    everything under way is cancelled too, for another worker will be given it.
    """
    async with _connect(url) as connection:
        queries = _queries(connection)
        manager = QueueManager(queries, channel=Channel(_SETTINGS.channel))
        running = _RunningEntries(handle, manager)
        for kind, at_once in limits.max_concurrent_by_kind.items():
            manager.entrypoint(kind.value, concurrency_limit=at_once, accepts_context=False)(running.work_on(kind))
        connection.add_termination_listener(lambda _: running.stop())
        watcher = asyncio.create_task(_stop_when(stopping, running))
        try:
            await manager.run(
                dequeue_timeout=min(limits.heartbeat / 3, timedelta(seconds=10)),
                batch_size=_BATCH,
                max_concurrent_tasks=max(limits.at_once, 2 * _BATCH),
                shutdown_on_listener_failure=True,
                heartbeat_timeout=limits.heartbeat,
            )
        except FailingListenerError:
            raise ConnectionError("notifications are not heard any more") from None
        finally:
            watcher.cancel()
        if running.requeued:
            await _notify_workers(connection)


class _RunningEntries:
    """The entries that are worked on. PgQueuer's own tasks are never cancelled: it would take the entry away then."""

    def __init__(self, handle: Handle, manager: QueueManager) -> None:
        self._handle = handle
        self._manager = manager
        self._tasks: set[asyncio.Task[timedelta | None]] = set()
        self.requeued = False

    def stop(self) -> None:
        self._manager.shutdown.set()
        for task in self._tasks:
            task.cancel()

    def work_on(self, kind: JobKind) -> Callable[[QueuedEntry], Awaitable[None]]:
        async def handle_entry(queued: QueuedEntry) -> None:
            delay = await self._result(kind, queued)
            if delay is not None:
                raise RetryRequested(delay)

        return handle_entry

    async def _result(self, kind: JobKind, queued: QueuedEntry) -> timedelta | None:
        if self._manager.shutdown.is_set():
            self.requeued = True
            return timedelta()
        entry = QueueEntry.from_payload(queued.payload or b"")
        task = asyncio.ensure_future(self._handle(kind, entry))
        self._tasks.add(task)
        try:
            await asyncio.wait({task})
        finally:
            self._tasks.discard(task)
        if task.cancelled():
            self.requeued = True
            return timedelta()
        error = task.exception()
        if error is None:
            return task.result()
        log.error("an entry could not be worked on", kind=kind, job_id=str(entry.job_id), exc_info=error)
        return _RETRY_DELAY


async def _stop_when(stopping: asyncio.Event, running: _RunningEntries) -> None:
    await stopping.wait()
    running.stop()


async def _notify_workers(connection: asyncpg.Connection) -> None:
    """PgQueuer tells of new entries, and not of those that come back."""
    event = TableChangedEvent(
        channel=Channel(_SETTINGS.channel),
        sent_at=datetime.now(UTC),
        type="table_changed_event",
        operation="update",
        table=_SETTINGS.queue_table,
    )
    await connection.execute("select pg_notify($1, $2)", _SETTINGS.channel, event.model_dump_json())


@asynccontextmanager
async def _connect(url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(
        url,
        command_timeout=_STATEMENT_SECONDS,
        server_settings={"application_name": "shinjp worker", "statement_timeout": "15000", "jit": "off"},
    )
    try:
        yield connection
    finally:
        connection.terminate()


def _queries(connection: asyncpg.Connection) -> Queries:
    return Queries(
        AsyncpgDriver(connection),
        QueryBuilderEnvironment(_SETTINGS),
        QueryQueueBuilder(_SETTINGS),
        QuerySchedulerBuilder(_SETTINGS),
    )
