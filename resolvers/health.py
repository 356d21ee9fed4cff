"""Whether what the server stands on answers, found out within a bound whatever that does."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from contextvars import Context
from dataclasses import dataclass

import structlog

from cache.redis.client import CacheUnavailable, RedisClient
from common.throttle import Throttle
from db.core.database import Database
from db.core.errors import DATABASE_ERRORS, describe
from db.core.pool import DatabaseBusy
from db.core.schema_version import HEAD
from db.notify.listener import NotificationListener
from domain.enums import HealthStatus
from domain.errors import ClientError

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """One dependency."""

    name: str
    status: HealthStatus
    latency_ms: float | None
    message: str | None


@dataclass(frozen=True, slots=True)
class SystemHealth:
    """All of them, and the worst of their states."""

    status: HealthStatus
    checks: list[HealthCheck]


_WORST_FIRST = (HealthStatus.DOWN, HealthStatus.DEGRADED, HealthStatus.OK)


class Health:
    """Checks each dependency once for all who ask at the same time, and answers within `timeout` seconds."""

    def __init__(
        self, database: Database, redis: RedisClient | None, changes: NotificationListener, timeout: float
    ) -> None:
        self._database = _Probe(self._ask_database, self._unanswered_database, timeout)
        self._cache = _Probe(self._ask_redis, self._unanswered_redis, timeout)
        self._pool = database
        self._redis = redis
        self._changes = changes
        self._timeout = timeout
        self._check: asyncio.Task[SystemHealth] | None = None
        self._throttle = Throttle()
        # How often each check had each result.
        self.results: Counter[tuple[str, HealthStatus]] = Counter()

    async def check(self) -> SystemHealth:
        """Joins the check in progress, if any. It continues if the client that started it disconnects."""
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._run(), context=Context())
        return await asyncio.shield(self._check)

    async def close(self) -> None:
        tasks = [task for task in (self._check, self._database.task, self._cache.task) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> SystemHealth:
        checks = [*await asyncio.gather(self._database.result(), self._cache.result()), self._check_notifications()]
        self.results.update((check.name, check.status) for check in checks)
        return SystemHealth(min((check.status for check in checks), key=_WORST_FIRST.index), checks)

    async def _ask_database(self) -> HealthCheck:
        """One that answers and has no connection to spare is not down: to send its requests elsewhere helps nobody."""
        is_full = self._pool.is_full
        try:
            probe = await self._pool.probe()
        except DatabaseBusy as error:
            return HealthCheck("database", HealthStatus.DEGRADED, None, error.message)
        except ClientError as error:
            return HealthCheck("database", HealthStatus.DOWN, None, error.message)
        except DATABASE_ERRORS as error:
            # Such as a database that was dropped, or a role that may no longer log in.
            if self._throttle.admit(describe(error)) is not None:
                log.error("the database refuses the health check", reason=describe(error))
            return HealthCheck("database", HealthStatus.DOWN, None, "The database refuses this server.")
        version, latency = probe.schema_version, probe.latency_ms
        if version is None:
            message = f"The database is empty: this server needs migration {HEAD}. Run `shinjp migrate`."
            return HealthCheck("database", HealthStatus.DOWN, latency, message)
        if version < HEAD:
            message = f"The database is at migration {version}: this server needs {HEAD}. Run `shinjp migrate`."
            return HealthCheck("database", HealthStatus.DOWN, latency, message)
        if is_full:
            return HealthCheck("database", HealthStatus.DEGRADED, latency, "All connections are in use: requests wait.")
        if version > HEAD:
            # As during a rolling upgrade: old servers keep serving until they are replaced.
            message = f"The database is at migration {version}, newer than this server's {HEAD}."
            return HealthCheck("database", HealthStatus.DEGRADED, latency, message)
        return HealthCheck("database", HealthStatus.OK, latency, None)

    def _unanswered_database(self) -> HealthCheck:
        message = f"The database did not answer within {self._timeout:g} seconds."
        return HealthCheck("database", HealthStatus.DOWN, None, message)

    async def _ask_redis(self) -> HealthCheck:
        """Everything works without Redis, so it is never worse than degraded."""
        if self._redis is None:
            return HealthCheck("cache", HealthStatus.DEGRADED, None, "No Redis is configured: nothing is shared.")
        try:
            latency = await self._redis.ping()
        except CacheUnavailable:
            return self._unanswered_redis()
        return HealthCheck("cache", HealthStatus.OK, latency, None)

    def _unanswered_redis(self) -> HealthCheck:
        return HealthCheck("cache", HealthStatus.DEGRADED, None, "Redis does not answer.")

    def _check_notifications(self) -> HealthCheck:
        """Streams are woken by notifications. While none are heard they stay open, and are late."""
        if not self._changes.listening.is_set():
            message = "The notification listener is disconnected; subscriptions are delayed."
            return HealthCheck("notifications", HealthStatus.DEGRADED, None, message)
        return HealthCheck("notifications", HealthStatus.OK, None, None)


class _Probe:
    """Asks one dependency, by one task at a time: also if a cancelled one takes a while to end."""

    def __init__(
        self, ask: Callable[[], Awaitable[HealthCheck]], unanswered: Callable[[], HealthCheck], timeout: float
    ) -> None:
        self._ask = ask
        self._unanswered = unanswered
        self._timeout = timeout
        self.task: asyncio.Future[HealthCheck] | None = None

    async def result(self) -> HealthCheck:
        """Does not wait for a task that is cancelled: its connection may take longer to let go."""
        try:
            async with asyncio.timeout(self._timeout):
                if self.task is not None:
                    await asyncio.wait([self.task])
                self.task = asyncio.ensure_future(self._ask())
                return await asyncio.shield(self.task)
        except TimeoutError:
            if self.task is not None:
                self.task.cancel()
            return self._unanswered()
