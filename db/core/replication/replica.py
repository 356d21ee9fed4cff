"""One replica: what it has of the primary's log, and its connection pool while it answers."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import TypeAlias

import structlog

from common.error_descriptions import describe_error
from common.metrics.instruments import Counter
from common.task_set import TaskSet
from common.throttle import Throttle
from db.core.database import Database
from db.core.errors import DATABASE_ERRORS
from db.core.replication.monitored_server import MonitoredServer
from db.core.replication.position import REPLICA_SQL, Position
from db.core.replication.primary_log import PrimaryLog, Sample
from domain.errors import ServiceUnavailable

log = structlog.get_logger()

_OPEN_TIMEOUT_SECONDS = 5.0
# Of the same error.
_LOG_INTERVAL_SECONDS = 30.0

OpenPool: TypeAlias = Callable[[str], AbstractAsyncContextManager[Database]]

# Includes conflicts with recovery and tables that the replica does not have yet: the primary decides. A statement that
# exceeds its time-out is not repeated.
REPLICA_ERRORS = (ServiceUnavailable, *DATABASE_ERRORS)

_FAILED_READS = Counter(
    "shinjp_replica_failed_reads", "Statements that failed on a replica and were repeated on the primary.", ("replica",)
)


class ReplicaLost(ServiceUnavailable):
    """The replica does not answer, or is none. The read is repeated on the primary."""


class Replica:
    """`name`: for logs and metrics. `open_pool`: opens the pool, which exists while the replica answers.

    `covers_until`: what was committed before this time is visible; monotonic. `position`: up to which it has replayed
    the log.
    """

    def __init__(self, name: str, url: str, primary: PrimaryLog, open_pool: OpenPool) -> None:
        self.name = name
        self.covers_until = 0.0
        self.position: Position | None = None
        # When the position was read.
        self._polled_at = 0.0
        # The server that had it, by its start.
        self._started_at: datetime | None = None
        # The server that has a log which the primary with this timeline does not have.
        self._diverged: tuple[datetime, int] | None = None
        self._url = url
        self._server = MonitoredServer(url)
        self._primary = primary
        self._open_pool = open_pool
        self._database: Database | None = None
        self._pool = AsyncExitStack()
        self._closing = TaskSet()
        # Their time-outs expire when the replica is lost.
        self._reads: set[asyncio.Timeout] = set()
        self._throttle = Throttle(_LOG_INTERVAL_SECONDS)

    @property
    def read_count(self) -> int:
        """Number of statements in progress."""
        return len(self._reads)

    @property
    def lag_bytes(self) -> int | None:
        """What it had to replay at the last poll; None if that is not known."""
        newest = self._primary.newest
        if newest is None or self.position is None:
            return None
        return max(0, newest.position.bytes - self.position.bytes)

    def has(self, changed_at: float, after: Position | None) -> bool:
        """Whether it shows everything that was committed before the time and up to the position."""
        return (
            self.covers_until >= changed_at
            and self._database is not None
            and not self._database.is_full
            and (after is None or (self.position is not None and after.is_before(self.position)))
        )

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Database]:
        """Yield the pool for one statement. Raises one of REPLICA_ERRORS, within a second also if the replica hangs."""
        if self._database is None:
            raise ReplicaLost("Replica unavailable.")
        try:
            async with asyncio.timeout(None) as timeout:
                self._reads.add(timeout)
                try:
                    yield self._database
                finally:
                    self._reads.discard(timeout)
        except REPLICA_ERRORS:
            _FAILED_READS[self.name,].add()
            raise

    async def watch(self, on_progress: Callable[[], None]) -> None:
        """Poll the replica after each sample of the primary's position, until cancelled."""
        while True:
            sample = await self._primary.next()
            try:
                await self._poll(sample)
            except REPLICA_ERRORS as error:
                self._lose(error)
            on_progress()

    async def _poll(self, sample: Sample) -> None:
        row = await self._server.ask(REPLICA_SQL)
        if row["position"] is None or row["system"] != sample.position.system:
            raise ReplicaLost("The server is not a replica of the primary.")
        is_known = self._started_at == row["started_at"] and self._polled_at < sample.taken_at
        # What it had before the sample was taken, the primary has too, unless it follows a former primary.
        former = self.position if is_known else None
        self.position, self._polled_at = Position(row["system"], row["position"]), time.monotonic()
        self._started_at = row["started_at"]
        if former is not None and not former.is_before(sample.position):
            self._diverged = row["started_at"], sample.timeline
        # Also after the primary has reached its position: to follow, it has to be rewound and restarted.
        if self._diverged == (row["started_at"], sample.timeline):
            raise ReplicaLost("The replica has a log that the primary does not have.")
        if row["timeline"] not in (None, sample.timeline):
            raise ReplicaLost("The replica does not follow the primary.")
        covers_until = self._primary.covered_by(self.position)
        if covers_until and former is not None and self._database is None:
            async with asyncio.timeout(_OPEN_TIMEOUT_SECONDS):
                self._database = await self._pool.enter_async_context(self._open_pool(self._url))
            log.info("replica in use", replica=self.name)
        self.covers_until = max(self.covers_until, covers_until)

    def _lose(self, error: BaseException) -> None:
        """Stop using the replica, and make statements in progress fail."""
        self.covers_until = 0.0
        self._server.disconnect()
        if self._throttle.admit(describe_error(error)) is not None:
            log.warning("replica lost", replica=self.name, reason=describe_error(error))
        if self._database is not None:
            self._database.terminate()
            self._database = None
        now = asyncio.get_running_loop().time()
        for timeout in self._reads:
            if not timeout.expired():
                timeout.reschedule(now)
        pool, self._pool = self._pool, AsyncExitStack()
        self._closing.spawn(pool.aclose())

    async def close(self) -> None:
        self._server.disconnect()
        self._database = None
        await self._pool.aclose()
        await self._closing.join()
