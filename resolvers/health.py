"""Whether what the server stands on answers."""

import asyncio
from dataclasses import dataclass

from cache.client import CacheUnavailable
from db.connections import DatabaseBusy
from domain.errors import ClientError
from domain.values import HealthStatus
from resolvers.context import Services


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


async def system_health(services: Services) -> SystemHealth:
    """Asks each dependency once, all at the same time."""
    checks = [*await asyncio.gather(_database(services), _cache(services)), _changes(services)]
    status = min((check.status for check in checks), key=_WORST_FIRST.index)
    return SystemHealth(status, checks)


async def _database(services: Services) -> HealthCheck:
    """One that answers and has no connection to spare is not down: to send its requests elsewhere helps nobody."""
    is_full = services.database.is_full
    try:
        latency = await services.database.ping()
    except DatabaseBusy as error:
        return HealthCheck("database", HealthStatus.DEGRADED, None, error.message)
    except ClientError as error:
        return HealthCheck("database", HealthStatus.DOWN, None, error.message)
    if is_full:
        return HealthCheck("database", HealthStatus.DEGRADED, latency, "All connections are in use: requests wait.")
    return HealthCheck("database", HealthStatus.OK, latency, None)


async def _cache(services: Services) -> HealthCheck:
    """Everything works without Redis, so it is never worse than degraded."""
    if services.redis is None:
        return HealthCheck("cache", HealthStatus.DEGRADED, None, "No Redis is configured: nothing is shared.")
    try:
        latency = await services.redis.ping()
    except CacheUnavailable:
        return HealthCheck("cache", HealthStatus.DEGRADED, None, "Redis does not answer.")
    return HealthCheck("cache", HealthStatus.OK, latency, None)


def _changes(services: Services) -> HealthCheck:
    """Streams are woken by notifications. While none are heard they stay open, and are late."""
    if not services.changes.listening.is_set():
        return HealthCheck("changes", HealthStatus.DEGRADED, None, "Changes are not heard: streams are late.")
    return HealthCheck("changes", HealthStatus.OK, None, None)
