"""Collectors of Prometheus metrics of servers and workers."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from db.core.database import CONNECTION_COUNT, CONNECTION_MAX, PENDING_REQUESTS, TIMEOUTS, WAITS, Database
from server.observability.logging import dropped_line_count


class LogCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        yield CounterMetricFamily(
            "shinjp_log_lines_dropped", "Log lines dropped because the reader was stalled.", value=dropped_line_count()
        )


class PoolCollector(Collector):
    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        stats = self._database.pool_stats()
        connections = GaugeMetricFamily(CONNECTION_COUNT, "Database connections, by state.", labels=("state",))
        connections.add_metric(("used",), stats.in_use)
        connections.add_metric(("idle",), stats.idle)
        yield connections
        yield GaugeMetricFamily(CONNECTION_MAX, "Maximum size of the connection pool.", value=stats.limit)
        yield GaugeMetricFamily(PENDING_REQUESTS, "Acquisitions waiting for a connection.", value=stats.waiting)
        yield CounterMetricFamily(WAITS, "Acquisitions that had to wait.", value=stats.waits)
        yield CounterMetricFamily(TIMEOUTS, "Acquisitions that timed out.", value=stats.timeouts)
