"""Chooses where the reads of a request go: to a replica that has everything the request has to see, or the primary."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from time import monotonic

import structlog

from common.metrics.instruments import Counter
from db.core.database import Database
from db.core.errors import DATABASE_ERRORS
from db.core.recent_changes import RecentChanges
from db.core.replication.position import ON_PRIMARY, PRIMARY_SQL, Position, end_of_records
from db.core.replication.primary_log import PrimaryLog
from db.core.replication.replica import OpenPool, Replica
from domain.errors import OperationTimeout, ServiceUnavailable
from domain.ids import UserId

log = structlog.get_logger()

_POLL_INTERVAL_SECONDS = 0.2
# While a shared change keeps replicas out of use that have everything else.
_SHORT_INTERVAL_SECONDS = 0.02

_ROUTED = Counter("shinjp_routed_queries", "Queries by the kind of server that they read.", ("server",))


class ReplicaSet:
    """The replicas of a process. Create it with `open_replicas`.

    A replica is read while it has everything that was committed `max_lag` seconds ago, every change that this process
    made for the user or was notified of, and the position of the client's token. `max_wait`: seconds to wait for one
    that does.
    """

    def __init__(
        self,
        database: Database,
        changes: RecentChanges,
        primary: PrimaryLog,
        replicas: Sequence[Replica],
        max_lag: float,
        max_wait: float,
    ) -> None:
        self.replicas = replicas
        self._database = database
        self._changes = changes
        self._primary = primary
        self._max_lag = max_lag
        self._max_wait = max_wait
        self._wanted = asyncio.Event()
        self._progress = asyncio.Event()
        changes.on_shared_change = self._wanted.set

    @property
    def usable_count(self) -> int:
        """Number of replicas that are recent enough."""
        return sum(self.is_usable(replica) for replica in self.replicas)

    async def choose(self, user: UserId | None, after: Position | None) -> Replica | None:
        """Return the replica with the fewest reads of those that have enough for the user, or None for the primary."""
        replica = self._find(user, after)
        if replica is None and self._max_wait and self.usable_count and self._is_of_primary(after):
            try:
                async with asyncio.timeout(self._max_wait):
                    while replica is None:
                        self._wanted.set()
                        await self._progress.wait()
                        replica = self._find(user, after)
            except TimeoutError:
                pass
        _ROUTED["primary" if replica is None else "replica",].add()
        return replica

    def _is_of_primary(self, position: Position | None) -> bool:
        """Whether the position is of the primary's cluster. Replicas never reach another one."""
        newest = self._primary.newest
        return position is None or newest is None or position.system == newest.position.system

    def _find(self, user: UserId | None, after: Position | None) -> Replica | None:
        changed_at = max(self._changes.of(user), monotonic() - self._max_lag)
        found = [replica for replica in self.replicas if replica.has(changed_at, after)]
        if len(found) > 1:
            return min(found, key=lambda replica: (replica.read_count, random.random()))  # noqa: S311  # no secret
        return found[0] if found else None

    def record_sign_in(self, user: UserId) -> None:
        """Record that the account was read from the primary, where signing in may have written it."""
        self._changes.record(user)

    async def read_position(self) -> Position:
        """Return a position that includes every transaction that has ended. ON_PRIMARY if it cannot be read."""
        try:
            async with self._database.connection() as connection:
                row = await connection.fetchrow(PRIMARY_SQL)
        except (OperationTimeout, ServiceUnavailable, *DATABASE_ERRORS):
            # The transaction is committed: its response must not fail, nor be without a token.
            return ON_PRIMARY
        if row is None or row["position"] is None:
            return ON_PRIMARY
        return Position(row["system"], end_of_records(row["position"]))

    async def run(self) -> None:
        """Poll all servers until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for replica in self.replicas:
                tasks.create_task(replica.watch(self._on_progress))
            while True:
                self._wanted.clear()
                await self._primary.sample()
                await self._wait()

    async def _wait(self) -> None:
        """Wait for the next poll."""
        if any(replica.covers_until < self._changes.shared for replica in self.replicas if self.is_usable(replica)):
            await asyncio.sleep(_SHORT_INTERVAL_SECONDS)
            return
        try:
            async with asyncio.timeout(_POLL_INTERVAL_SECONDS):
                await self._wanted.wait()
        except TimeoutError:
            pass

    def is_usable(self, replica: Replica) -> bool:
        """Whether it answers and is recent enough."""
        return replica.covers_until >= monotonic() - self._max_lag

    def _on_progress(self) -> None:
        self._progress.set()
        self._progress = asyncio.Event()


@asynccontextmanager
async def open_replicas(
    database: Database,
    url: str,
    replica_urls: Sequence[str],
    open_pool: OpenPool,
    changes: RecentChanges,
    *,
    max_lag: float,
    max_wait: float,
) -> AsyncIterator[ReplicaSet]:
    """Watch the replicas until the context exits. They need not be available.

    `url`: of the primary. `changes`: those that `database` records, and of which the process is notified.
    """
    primary = PrimaryLog(url, max_lag, database.expire_connections)
    replicas = [Replica(str(number), each, primary, open_pool) for number, each in enumerate(replica_urls, 1)]
    replica_set = ReplicaSet(database, changes, primary, replicas, max_lag, max_wait)
    watching = asyncio.create_task(replica_set.run())
    watching.add_done_callback(_log_failure)
    try:
        yield replica_set
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await asyncio.gather(*(replica.close() for replica in replicas))
        primary.close()


def _log_failure(task: asyncio.Task[None]) -> None:
    """All reads go to the primary from then on."""
    if not task.cancelled() and task.exception() is not None:
        log.error("monitor of replicas failed", exc_info=task.exception())
