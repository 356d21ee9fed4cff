"""Health checks of the server's dependencies, within a time limit."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass
from itertools import product

import structlog

from cache.redis.client import CacheUnavailable, RedisClient
from common.error_descriptions import describe_error
from common.throttle import Throttle
from db.core.database import Database
from db.core.errors import DATABASE_ERRORS
from db.core.pool import DatabaseBusy
from db.core.replication.replica_set import ReplicaSet
from db.core.schema_version import HEAD
from db.notify.listener import NotificationListener
from domain.enums import HealthStatus
from domain.errors import ClientError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """The health of one dependency."""

    name: str
    status: HealthStatus
    latency_ms: float | None
    message: str | None


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """The health of all dependencies. `status`: the worst of them."""

    status: HealthStatus
    checks: list[HealthCheck]


_NAMES = ("database", "cache", "notifications", "dictionary")
_REPLICAS = "replicas"
_WORST_FIRST = (HealthStatus.DOWN, HealthStatus.DEGRADED, HealthStatus.OK)


class Health:
    """Checks the dependencies within `timeout` seconds. Concurrent requests share one check."""

    def __init__(
        self,
        database: Database,
        redis: RedisClient | None,
        changes: NotificationListener,
        timeout: float,
        replicas: ReplicaSet | None = None,
    ) -> None:
        self._database = _Probe(self._check_database, self._database_timed_out, timeout)
        self._cache = _Probe(self._check_redis, self._redis_unavailable, timeout)
        self._pool = database
        self._dictionary: tuple[int, int] | None = None
        self._redis = redis
        self._changes = changes
        self._replicas = replicas
        self._timeout = timeout
        self._check: asyncio.Task[SystemHealth] | None = None
        self._throttle = Throttle()
        # The number of checks by name and status.
        names = _NAMES if replicas is None else (*_NAMES, _REPLICAS)
        self.results: Counter[tuple[str, HealthStatus]] = Counter(dict.fromkeys(product(names, HealthStatus), 0))

    async def check(self) -> SystemHealth:
        """Join the check in progress, or start one. It continues if the client that started it disconnects."""
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._run(), context=Context())
        return await asyncio.shield(self._check)

    async def close(self) -> None:
        tasks = [task for task in (self._check, self._database.task, self._cache.task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> SystemHealth:
        checks = [
            *await asyncio.gather(self._database.result(), self._cache.result()),
            self._check_notifications(),
            self._check_dictionary(),
            *([] if self._replicas is None else [self._check_replicas(self._replicas)]),
        ]
        self.results.update((check.name, check.status) for check in checks)
        return SystemHealth(min((check.status for check in checks), key=_WORST_FIRST.index), checks)

    async def _check_database(self) -> HealthCheck:
        """DEGRADED if only its connections are exhausted: other servers share the database, so failover cannot help."""
        is_full = self._pool.is_full
        try:
            probe = await self._pool.probe()
        except DatabaseBusy as error:
            return HealthCheck("database", HealthStatus.DEGRADED, None, error.message)
        except ClientError as error:
            return HealthCheck("database", HealthStatus.DOWN, None, error.message)
        except DATABASE_ERRORS as error:
            # Such as a dropped database, or a role that may no longer log in.
            if self._throttle.admit(describe_error(error)) is not None:
                log.error("health check failed", reason=describe_error(error))
            return HealthCheck("database", HealthStatus.DOWN, None, "Database connection rejected.")
        version, latency, self._dictionary = probe.schema_version, probe.latency_ms, probe.dictionary
        if version is None:
            message = f"Database is empty; migration {HEAD} is required. Run `shinjp migrate`."
            return HealthCheck("database", HealthStatus.DOWN, latency, message)
        if version < HEAD:
            message = f"Database is at migration {version}; migration {HEAD} is required. Run `shinjp migrate`."
            return HealthCheck("database", HealthStatus.DOWN, latency, message)
        if is_full:
            return HealthCheck("database", HealthStatus.DEGRADED, latency, "Database connection pool exhausted.")
        if version > HEAD:
            # As during a rolling upgrade, in which old servers continue until they are replaced.
            message = f"Database is at migration {version}, newer than {HEAD} of this server."
            return HealthCheck("database", HealthStatus.DEGRADED, latency, message)
        return HealthCheck("database", HealthStatus.OK, latency, None)

    def _database_timed_out(self) -> HealthCheck:
        message = f"Database did not respond within {self._timeout:g} seconds."
        return HealthCheck("database", HealthStatus.DOWN, None, message)

    async def _check_redis(self) -> HealthCheck:
        """Never DOWN, because the server works without Redis."""
        if self._redis is None:
            return HealthCheck(
                "cache", HealthStatus.DEGRADED, None, "Redis is not configured; processes do not share cached values."
            )
        try:
            latency = await self._redis.ping()
        except CacheUnavailable:
            return self._redis_unavailable()
        return HealthCheck("cache", HealthStatus.OK, latency, None)

    def _redis_unavailable(self) -> HealthCheck:
        return HealthCheck("cache", HealthStatus.DEGRADED, None, "Redis unavailable.")

    def _check_notifications(self) -> HealthCheck:
        """DEGRADED without notifications: subscriptions stay open, but their events are delayed."""
        if not self._changes.listening.is_set():
            message = "The notification listener is disconnected; subscriptions are delayed."
            return HealthCheck("notifications", HealthStatus.DEGRADED, None, message)
        return HealthCheck("notifications", HealthStatus.OK, None, None)

    def _check_replicas(self, replicas: ReplicaSet) -> HealthCheck:
        """DEGRADED if some do not answer or lag behind: the primary has their reads, too."""
        usable, total = replicas.usable_count, len(replicas.replicas)
        if usable < total:
            return HealthCheck(_REPLICAS, HealthStatus.DEGRADED, None, f"{usable} of {total} replicas are usable.")
        return HealthCheck(_REPLICAS, HealthStatus.OK, None, None)

    def _check_dictionary(self) -> HealthCheck:
        """The progress at the last check of the database. Always OK: the server works with the words that are there."""
        if self._dictionary is None:
            message = "The dictionary has the words of the JLPT lists only."
        elif self._dictionary[0] < self._dictionary[1]:
            loaded, total = self._dictionary
            message = f"The dictionary is being loaded: {loaded:,} of {total:,} entries."
        else:
            message = None
        return HealthCheck("dictionary", HealthStatus.OK, None, message)


class _Probe:
    """Runs the check of one dependency, in one task at a time. `timed_out`: builds the result after a time-out."""

    def __init__(
        self, check: Callable[[], Awaitable[HealthCheck]], timed_out: Callable[[], HealthCheck], timeout: float
    ) -> None:
        self._check = check
        self._timed_out = timed_out
        self._timeout = timeout
        self.task: asyncio.Future[HealthCheck] | None = None

    async def result(self) -> HealthCheck:
        """Return the result of the check. Does not wait for a cancelled task, which may take long to end."""
        try:
            async with asyncio.timeout(self._timeout):
                if self.task is not None:
                    await asyncio.wait([self.task])
                self.task = asyncio.ensure_future(self._check())
                return await asyncio.shield(self.task)
        except TimeoutError:
            if self.task is not None:
                self.task.cancel()
            return self._timed_out()
