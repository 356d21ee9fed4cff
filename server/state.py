"""Process-wide state, opened and closed by the lifespan."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from cache.redis.client import open_redis
from cache.redis.cost_limits import CostLimits
from cache.redis.rate_limiter import RateLimits
from common.metrics.process import ProcessMetrics
from common.tracing.collector import TraceCollector
from db.core.database import open_database
from db.core.recent_changes import RecentChanges
from db.core.replication.replica_set import ReplicaSet, open_replicas
from db.notify.listener import open_listener
from db.services.usage import add_usage, read_regular_clients
from domain.cost_plans import CostPlans
from domain.trusted_documents import DocumentModes
from jobs.cover_files import CoverFiles
from jobs.export_files import ExportFiles
from loaders.known_words import KnownWords
from resolvers.context import Services
from resolvers.health import Health
from server.auth.tokens import TokenVerifier
from server.auth.viewer_cache import ViewerCache
from server.caching.field_cache import open_field_cache
from server.caching.persisted_queries import PersistedQueries
from server.caching.trusted_documents import TrustedDocuments
from server.http.client_address import TrustedProxies
from server.observability.diagnostics import SlowOperations, write_diagnostics
from server.observability.error_reports import open_error_reports
from server.observability.tracing.traces import open_traces
from server.observability.usage import Usage, open_usage
from server.settings import Settings


@dataclass(frozen=True, slots=True)
class AppState:
    """The state of one process."""

    settings: Settings
    trusted_proxies: TrustedProxies
    services: Services
    tokens: TokenVerifier
    viewer_cache: ViewerCache
    known_words: KnownWords
    usage: Usage
    persisted_queries: PersistedQueries
    traces: TraceCollector
    trusted_documents: TrustedDocuments
    document_modes: DocumentModes
    # None if cost is not limited.
    cost_limits: CostLimits | None
    cost_plans: CostPlans


@asynccontextmanager
async def open_state(settings: Settings) -> AsyncIterator[AppState]:
    """Open all connections. Raises ServiceUnavailable if the database is unavailable."""
    if settings.database_url is None:
        raise ValueError("DATABASE_URL is not set. `shinjp serve` starts an embedded server if it is missing.")
    async with AsyncExitStack() as stack:
        slow = SlowOperations()
        await stack.enter_async_context(open_error_reports(settings.sentry_dsn, "server", settings.environment.value))
        traces = await stack.enter_async_context(open_traces(settings.tracing, "server", slow))
        pool_options: dict[str, Any] = {
            "min_size": settings.db_pool_min,
            "max_size": settings.db_pool_max,
            "timeout": settings.db_pool_timeout_seconds,
            "prepared_statements": settings.db_prepared_statements,
        }
        recent_changes = RecentChanges(settings.replica_max_lag_seconds) if settings.replica_database_urls else None
        database = await stack.enter_async_context(
            open_database(settings.database_url, **pool_options, recent_changes=recent_changes)
        )
        await stack.enter_async_context(write_diagnostics(database, slow))
        redis = await stack.enter_async_context(open_redis(settings.redis_url)) if settings.redis_url else None
        changes = await stack.enter_async_context(open_listener(settings.listener_database_url))
        replicas: ReplicaSet | None = None
        if recent_changes is not None:
            stack.enter_context(changes.add_listener(recent_changes))
            replicas = await stack.enter_async_context(
                open_replicas(
                    database,
                    settings.database_url,
                    settings.replica_database_urls,
                    partial(open_database, **pool_options),
                    recent_changes,
                    max_lag=settings.replica_max_lag_seconds,
                    max_wait=settings.replica_wait_ms / 1000,
                )
            )
        identity = await database.identity()
        rate_limits = RateLimits(redis, identity, settings.rate_limits)
        cost_limits: CostLimits | None = None
        if settings.cost_limit == "on":
            cost_limits = CostLimits(redis, identity, processes=settings.cost_limit_processes)
            stack.push_async_callback(cost_limits.close)
        viewer_cache = ViewerCache(
            database, rate_limits, lambda: changes.is_current, max_bytes=settings.viewer_cache_bytes
        )
        stack.push_async_callback(viewer_cache.close)
        stack.enter_context(changes.add_listener(viewer_cache))
        known_words = KnownWords(lambda: settings.cache != "off" and changes.is_current)
        stack.enter_context(changes.add_listener(known_words))
        field_cache = await stack.enter_async_context(open_field_cache(database, redis, changes, settings))
        health = Health(database, redis, changes, settings.health_timeout_seconds, replicas)
        stack.push_async_callback(health.close)
        trusted_documents = TrustedDocuments(database, settings.trusted_document_bytes)
        yield AppState(
            settings=settings,
            trusted_proxies=settings.proxies,
            services=Services(
                database,
                redis,
                field_cache,
                changes,
                settings.export_links(),
                ExportFiles(settings.export_storage(), settings.export_quota()),
                rate_limits,
                health,
                settings.upload_storage(),
                settings.upload_limits(),
                ProcessMetrics(settings.metrics_dir),
                CoverFiles(settings.cover_storage(), settings.base_url),
                any_topic=settings.textbook_generator != "dictionary",
                allow_private_webhooks=settings.webhook_private_addresses,
                replicas=replicas,
            ),
            tokens=TokenVerifier(settings),
            viewer_cache=viewer_cache,
            known_words=known_words,
            persisted_queries=PersistedQueries(redis, settings),
            traces=traces,
            cost_limits=cost_limits,
            cost_plans=settings.plans_of_cost,
            trusted_documents=trusted_documents,
            document_modes=settings.document_modes,
            usage=await stack.enter_async_context(
                open_usage(
                    partial(add_usage, database),
                    trusted_documents.is_registered,
                    partial(read_regular_clients, database),
                )
            ),
        )
