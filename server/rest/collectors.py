"""Collectors of Prometheus metrics, one for each part of the process."""

import asyncio
from collections.abc import Iterable, Iterator
from http import HTTPStatus

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cache.metrics import ENTRIES, REQUESTS
from cache.redis.rate_limiter import RateLimits
from cache.store import FieldCache
from common.executors import FILES, run_in
from common.metrics.prometheus import SharedGaugeFamily
from db.core.replication.replica_set import ReplicaSet
from engine.request.document_cache import DocumentCache
from engine.run.execute import fallback_counts
from jobs.export_files import ExportFiles
from resolvers.health import Health
from server.observability.error_log import error_counts, limit_counts
from server.rest.export_slots import ExportSlots
from server.transport.connection_limits import CloseReason
from server.transport.state import HttpState

_DISK_SECONDS = 1.0
# Their metrics exist from the start, so that an alert sees the first increment.
_REJECTION_STATUSES = (
    HTTPStatus.REQUEST_URI_TOO_LONG,
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
)
_REFUSAL_STATUSES = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


class ErrorCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        errors = CounterMetricFamily(
            "shinjp_errors", "Requests and WebSocket operations with an error, by code.", labels=("code",)
        )
        for code, number in error_counts().items():
            errors.add_metric((code,), number)
        yield errors
        limits = CounterMetricFamily(
            "shinjp_exceeded_limits",
            "Requests, WebSocket operations and messages that exceeded a limit, by its setting.",
            labels=("limit",),
        )
        for limit, number in limit_counts().items():
            limits.add_metric((str(limit),), number)
        yield limits


class HealthCollector(Collector):
    def __init__(self, health: Health) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        checks = CounterMetricFamily("shinjp_health_checks", "Health checks, by result.", labels=("check", "status"))
        for (name, status), number in self._health.results.items():
            checks.add_metric((name, status.value), number)
        yield checks


class ExportSampler:
    """Exported files. Nothing is measured if their disk hangs."""

    def __init__(self, files: ExportFiles) -> None:
        self._files = files

    async def __call__(self) -> Iterable[Metric]:
        try:
            async with asyncio.timeout(_DISK_SECONDS):
                usage = await run_in(FILES, self._files.storage.usage)
        except (TimeoutError, OSError):
            return ()
        return (
            SharedGaugeFamily("shinjp_export_files", "Exported files.", usage.files),
            SharedGaugeFamily("shinjp_export_bytes", "Size of exported files.", usage.size),
            SharedGaugeFamily("shinjp_export_free_bytes", "Free space on their disk.", usage.free),
        )


class RateLimitCollector(Collector):
    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    def collect(self) -> Iterator[Metric]:
        refused = CounterMetricFamily("shinjp_rate_limited", "Requests refused by a rate limit.", labels=("limit",))
        for name, number in self._limits.refused.items():
            refused.add_metric((name,), number)
        yield refused


class DocumentCollector(Collector):
    def __init__(self, documents: DocumentCache) -> None:
        self._documents = documents

    def collect(self) -> Iterator[Metric]:
        documents = self._documents
        yield GaugeMetricFamily("shinjp_cached_documents", "Parsed documents in this process.", value=len(documents))
        yield GaugeMetricFamily(
            "shinjp_document_bytes", "Memory of parsed documents and their plans.", value=documents.bytes
        )
        yield GaugeMetricFamily(
            "shinjp_documents_waiting",
            "New documents being validated in a thread or waiting for it.",
            value=documents.waiting,
        )
        read = CounterMetricFamily(
            "shinjp_new_documents", "New documents, by where they were validated.", labels=("where",)
        )
        # The series exist from the start.
        for where in ("event loop", "thread"):
            read.add_metric((where,), documents.counts[where])
        yield read
        refused = CounterMetricFamily(
            "shinjp_new_documents_refused",
            "New documents refused because too many were waiting: of the client, or in total.",
            labels=("limit",),
        )
        for limit, number in documents.refused.items():
            refused.add_metric((limit,), number)
        yield refused
        fallback_operations = CounterMetricFamily(
            "shinjp_fallback_operations", "Operations executed by graphql-core instead of a plan.", labels=("reason",)
        )
        for reason, count in fallback_counts.items():
            fallback_operations.add_metric((reason,), count)
        yield fallback_operations


class HttpCollector(Collector):
    def __init__(self, http: HttpState) -> None:
        self._http = http

    def collect(self) -> Iterator[Metric]:
        connections = len(self._http.connections)
        yield GaugeMetricFamily("shinjp_http_connections", "Open connections.", value=connections)
        yield GaugeMetricFamily(
            "http_server_active_requests",
            "Requests in progress, including streams and WebSockets.",
            value=max(0, connections - self._http.guard.idle_count),
        )
        rejected = CounterMetricFamily(
            "shinjp_http_rejected_requests",
            "Requests rejected for their URL, headers or syntax.",
            labels=("status",),
        )
        for status in sorted({*_REJECTION_STATUSES, *self._http.rejected}):
            rejected.add_metric((str(int(status)),), self._http.rejected[status])
        yield rejected
        yield from self._connections()

    def _connections(self) -> Iterator[Metric]:
        guard = self._http.guard
        yield GaugeMetricFamily(
            "shinjp_http_idle_connections", "Open connections without a request.", value=guard.idle_count
        )
        refused = CounterMetricFamily(
            "shinjp_http_refused_connections",
            "Connections and forwarded requests refused by a limit.",
            labels=("status",),
        )
        for refusal in _REFUSAL_STATUSES:
            refused.add_metric((str(refusal.value),), guard.refused[refusal])
        yield refused
        closed = CounterMetricFamily(
            "shinjp_http_closed_connections", "Connections and requests closed by a limit.", labels=("reason",)
        )
        for reason in CloseReason:
            closed.add_metric((reason.value,), guard.closed[reason])
        yield closed
        yield GaugeMetricFamily(
            "shinjp_http_unsent_bytes", "Bytes of responses that clients have not read.", value=guard.unsent_bytes
        )
        yield GaugeMetricFamily(
            "shinjp_http_unfinished_bytes",
            "Bytes of requests and messages that are incomplete or wait to be parsed.",
            value=guard.unfinished_bytes,
        )


class ReplicaCollector(Collector):
    def __init__(self, replicas: ReplicaSet) -> None:
        self._replicas = replicas

    def collect(self) -> Iterator[Metric]:
        usable = GaugeMetricFamily(
            "shinjp_replica_usable", "Processes that read from the replica.", labels=("replica",)
        )
        lag = SharedGaugeFamily(
            "shinjp_replica_lag_bytes", "Log that the replica has not replayed yet.", labels=("replica",)
        )
        for replica in self._replicas.replicas:
            usable.add_metric((replica.name,), self._replicas.is_usable(replica))
            if replica.lag_bytes is not None:
                lag.add_metric((replica.name,), replica.lag_bytes)
        yield usable
        yield lag


class DirectExportCollector(Collector):
    def __init__(self, slots: ExportSlots) -> None:
        self._slots = slots

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("shinjp_direct_exports", "Exports being streamed.", value=self._slots.in_use)
        yield CounterMetricFamily(
            "shinjp_direct_exports_preempted", "Slow exports closed in favour of another.", value=self._slots.preempted
        )
        yield CounterMetricFamily(
            "shinjp_direct_exports_refused", "Exports refused for lack of a slot.", value=self._slots.refused
        )


class FieldCacheCollector(Collector):
    def __init__(self, cache: FieldCache) -> None:
        self._cache = cache

    def collect(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(REQUESTS, "Requests for cached fields, by outcome.", labels=("field", "outcome"))
        holes_filled = CounterMetricFamily(
            "shinjp_field_cache_holes_filled", "Per-viewer fields rendered into shared values.", labels=("field",)
        )
        for field, counts in self._cache.metrics.by_field.items():
            for outcome, number in counts.by_outcome():
                requests.add_metric((field, outcome), number)
            holes_filled.add_metric((field,), counts.holes_filled)
        yield requests
        yield holes_filled
        metrics, local = self._cache.metrics, self._cache.local
        yield CounterMetricFamily(
            "shinjp_field_cache_shadow_checks",
            "Hits that were recomputed to compare them.",
            value=metrics.shadow_checks,
        )
        yield CounterMetricFamily(
            "shinjp_field_cache_shadow_mismatches", "Shadow checks that differed.", value=metrics.shadow_mismatches
        )
        yield GaugeMetricFamily(ENTRIES, "Values in this process.", value=len(local))
        yield GaugeMetricFamily("shinjp_field_cache_bytes", "Memory of the values in this process.", value=local.size)
