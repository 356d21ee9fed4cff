"""Process-wide state, opened and closed by the lifespan."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from cache.redis.client import open_redis
from cache.redis.rate_limiter import RateLimits
from db.core.database import open_database
from db.notify.listener import open_listener
from jobs.export_files import ExportFiles
from resolvers.context import Services
from resolvers.health import Health
from server.auth.tokens import TokenVerifier
from server.auth.viewer_cache import ViewerCache
from server.caching.field_cache import open_field_cache
from server.caching.persisted_queries import PersistedQueries
from server.http.client_address import TrustedProxies
from server.observability.deprecated_usage import DeprecatedUsage, open_deprecated_usage
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The state of one process."""

    settings: Settings
    trusted_proxies: TrustedProxies
    services: Services
    tokens: TokenVerifier
    viewer_cache: ViewerCache
    deprecated_usage: DeprecatedUsage
    persisted_queries: PersistedQueries


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncIterator[AppState]:
    """Open all connections. Raises ServiceUnavailable if the database is unavailable."""
    if settings.database_url is None:
        raise ValueError("DATABASE_URL is not set. `shinjp serve` starts an embedded server if it is missing.")
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            open_database(
                settings.database_url,
                min_size=settings.db_pool_min,
                max_size=settings.db_pool_max,
                timeout=settings.db_pool_timeout_seconds,
                prepared_statements=settings.db_prepared_statements,
            )
        )
        redis = await stack.enter_async_context(open_redis(settings.redis_url)) if settings.redis_url else None
        changes = await stack.enter_async_context(open_listener(settings.listener_database_url))
        rate_limits = RateLimits(redis, await database.identity(), settings.rate_limits)
        viewer_cache = ViewerCache(
            database, rate_limits, lambda: changes.is_current, max_bytes=settings.viewer_cache_bytes
        )
        stack.enter_context(changes.add_listener(viewer_cache))
        field_cache = await stack.enter_async_context(open_field_cache(database, redis, changes, settings))
        export_files = ExportFiles(settings.export_directory, settings.export_quota())
        health = Health(database, redis, changes, settings.health_timeout_seconds)
        stack.push_async_callback(health.close)
        yield AppState(
            settings=settings,
            trusted_proxies=settings.proxies,
            services=Services(
                database,
                redis,
                field_cache,
                changes,
                settings.export_links(),
                export_files,
                rate_limits,
                health,
                any_topic=settings.textbook_generator != "dictionary",
            ),
            tokens=TokenVerifier(settings),
            viewer_cache=viewer_cache,
            persisted_queries=PersistedQueries(redis, settings),
            deprecated_usage=await stack.enter_async_context(open_deprecated_usage(database)),
        )
