"""Writes the Grafana board: `python deploy/grafana/board.py > deploy/grafana/shinjp.json`."""

import json
import sys
from dataclasses import dataclass
from typing import Any

_WINDOW = "$__rate_interval"
_GRAPHQL = 'graphql_operation_type!="subscription"'
_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3


@dataclass(frozen=True)
class Panel:
    """`queries`: expressions with the legends of their series."""

    title: str
    unit: str
    queries: tuple[tuple[str, str], ...]
    kind: str = "timeseries"


def rate(metric: str, by: str = "", selector: str = "") -> str:
    grouping = f" by ({by})" if by else ""
    return f"sum{grouping} (rate({metric}{{{selector}}}[{_WINDOW}]))"


def quantile(share: float, metric: str, by: str = "", selector: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, {rate(f'{metric}_bucket', labels, selector)})"


def top(expression: str, number: int = 10) -> str:
    return f"topk({number}, {expression})"


_OPERATIONS = "graphql_server_request_duration_seconds"
_REQUESTS = "http_server_request_duration_seconds"
_STATEMENTS = "shinjp_sql_statement_seconds"
_BATCHES = "shinjp_loader_batch_size"
_RESOLVERS = "graphql_server_resolver_duration_seconds_sum"
_JOBS = "shinjp_job_duration_seconds"


def by(label: str, metric: str, selector: str = "", legend: str = "") -> tuple[str, str]:
    """The rates of a counter by a label, which the legend shows."""
    return rate(metric, label, selector), f"{legend}{{{{{label}}}}}"


def top_by(label: str, metric: str, selector: str = "") -> tuple[str, str]:
    return top(rate(metric, label, selector)), f"{{{{{label}}}}}"


def quantiles(metric: str, selector: str = "") -> tuple[tuple[str, str], ...]:
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return tuple((quantile(share, metric, selector=selector), name) for name, share in shares.items())


def sums(*metrics: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((f"sum({metric})", legend) for metric, legend in metrics)


_SLOWEST = top(quantile(0.95, _OPERATIONS, "graphql_operation_name"))
_KEYS_PER_BATCH = f"{rate(f'{_BATCHES}_sum', 'loader')} / {rate(f'{_BATCHES}_count', 'loader')}"
_CPU = f"sum(rate(process_cpu_seconds_total[{_WINDOW}]))"
_MEMORY = sums(
    ("process_resident_memory_bytes", "resident"),
    ("shinjp_http_unsent_bytes", "unsent responses"),
    ("shinjp_field_cache_bytes", "field cache"),
    ("shinjp_document_bytes", "documents"),
)
_POOL = (
    ("sum(db_client_connection_count) by (state)", "{{state}}"),
    *sums(("db_client_connection_max", "maximum"), ("db_client_connection_pending_requests", "waiting")),
)
_ACTIVE = (
    *sums(("http_server_active_requests", "active")),
    ("sum(shinjp_processes) by (kind)", "{{kind}} processes"),
)
_ERRORS = (
    top(rate("graphql_server_request_errors_total", "graphql_operation_name, error_type")),
    "{{graphql_operation_name}} {{error_type}}",
)
_AGES = (
    ("max(shinjp_job_queue_age_seconds) by (kind)", "{{kind}}"),
    ("max(shinjp_event_lag_seconds)", "domain events"),
)
_LAG = (
    (quantile(0.99, "shinjp_event_loop_lag_seconds"), "lag p99"),
    by("generation", "shinjp_gc_pause_seconds_sum", legend="collecting, generation "),
)
_EVENTS = by("graphql_operation_name", f"{_OPERATIONS}_count", 'graphql_operation_type="subscription"')

ROWS: dict[str, tuple[Panel, ...]] = {
    "Requests": (
        Panel("Rate by route", "reqps", (by("http_route", f"{_REQUESTS}_count"),)),
        Panel("Errors by code", "reqps", (by("code", "shinjp_errors_total"),)),
        Panel("Active requests", "short", _ACTIVE),
        Panel("Latency of operations", "s", quantiles(_OPERATIONS, _GRAPHQL)),
        Panel("Latency heat map", "s", (by("le", f"{_OPERATIONS}_bucket", _GRAPHQL),), "heatmap"),
        Panel("Statuses", "reqps", (by("http_response_status_code", f"{_REQUESTS}_count"),)),
    ),
    "Operations": (
        Panel("Most frequent operations", "reqps", (top_by("graphql_operation_name", f"{_OPERATIONS}_count"),)),
        Panel("Slowest operations (p95)", "s", ((_SLOWEST, "{{graphql_operation_name}}"),)),
        Panel("Errors by operation", "reqps", (_ERRORS,)),
    ),
    "Cost and clients": (
        Panel("Cost", "cps", (by("state", "shinjp_operation_cost_total"),)),
        Panel("Operations by client", "reqps", (top_by("client", "shinjp_client_operations_total"),)),
        Panel("Documents", "reqps", (by("source", "shinjp_documents_total"),)),
    ),
    "Limits": (
        Panel("Exceeded limits", "reqps", (by("limit", "shinjp_exceeded_limits_total"),)),
        Panel("Rate limits", "reqps", (by("limit", "shinjp_rate_limited_total"),)),
        Panel("Rejected during overload", "reqps", (by("client", "shinjp_operations_rejected_total"),)),
        Panel(
            "Closed and refused connections",
            "cps",
            (
                by("reason", "shinjp_http_closed_connections_total", legend="closed: "),
                by("status", "shinjp_http_refused_connections_total", legend="refused: "),
            ),
        ),
    ),
    "Saturation": (
        Panel("CPU", "percentunit", ((_CPU, "cores"),)),
        Panel("Memory", "bytes", _MEMORY),
        Panel("Event loop and garbage collector", "s", _LAG),
    ),
    "Database": (
        Panel("Connections", "short", _POOL),
        Panel("Waits for a connection", "s", quantiles("db_client_connection_wait_time_seconds")),
        Panel("Timeouts", "ops", ((rate("db_client_connection_timeouts_total"), "timeouts"),)),
        Panel("Statements", "s", quantiles("db_client_operation_duration_seconds")),
        Panel("Statements by time", "percentunit", (top_by("db_query_summary", f"{_STATEMENTS}_sum"),)),
        Panel("Most frequent statements", "ops", (top_by("db_query_summary", f"{_STATEMENTS}_count"),)),
        Panel("Rows by statement", "cps", (top_by("db_query_summary", "shinjp_sql_statement_rows_total"),)),
        Panel("Keys per batch", "short", ((top(_KEYS_PER_BATCH), "{{loader}}"),)),
    ),
    "Read replicas": (
        Panel("Queries by server", "reqps", (by("server", "shinjp_routed_queries_total"),)),
        Panel(
            "Processes that read from a replica", "short", (("sum(shinjp_replica_usable) by (replica)", "{{replica}}"),)
        ),
        Panel(
            "Log that is not replayed yet", "bytes", (("max(shinjp_replica_lag_bytes) by (replica)", "{{replica}}"),)
        ),
    ),
    "Redis": (
        Panel("Commands", "s", quantiles("shinjp_redis_duration_seconds")),
        Panel("Commands by time", "percentunit", (top_by("db_operation_name", "shinjp_redis_command_seconds_sum"),)),
        Panel("Failures", "ops", ((rate("shinjp_redis_failures_total"), "failures"),)),
    ),
    "Cache and plans": (
        Panel("Field cache", "reqps", (by("outcome", "shinjp_field_cache_requests_total"),)),
        Panel("Misses", "reqps", (top_by("field", "shinjp_field_cache_requests_total", 'outcome="miss"'),)),
        Panel(
            "New documents and fallbacks",
            "reqps",
            (
                by("where", "shinjp_new_documents_total", legend="validated in the "),
                by("reason", "shinjp_fallback_operations_total", legend="fallback: "),
            ),
        ),
        Panel("Plans", "ops", (by("how", "shinjp_plans_total"),)),
        Panel("Resolvers by time (measured share)", "percentunit", (top_by("graphql_field_coordinates", _RESOLVERS),)),
    ),
    "Jobs and streams": (
        Panel("Waiting jobs", "short", (("max(shinjp_job_queue_depth) by (kind)", "{{kind}}"),)),
        Panel("Age of the oldest", "s", _AGES),
        Panel("Unsent changes", "short", (("max(shinjp_unsent_changes)", "changes"),)),
        Panel("Attempts by outcome", "ops", (by("outcome", f"{_JOBS}_count"),)),
        Panel("Duration of jobs (p95)", "s", ((quantile(0.95, _JOBS, "kind"), "{{kind}}"),)),
        Panel("Streams", "short", sums(("shinjp_streams", "subscriptions"), ("shinjp_sockets", "sockets"))),
        Panel("Events of streams", "ops", (_EVENTS,)),
    ),
}


def build() -> dict[str, Any]:
    """The board, as Grafana imports it."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS.items():
        panels.append({"type": "row", "title": title, "gridPos": {"x": 0, "y": y, "w": 24, "h": 1}, "collapsed": False})
        y += 1
        for number, panel in enumerate(row):
            x = number % _COLUMNS * _WIDTH
            panels.append(
                _build_panel(panel, {"x": x, "y": y + number // _COLUMNS * _HEIGHT, "w": _WIDTH, "h": _HEIGHT})
            )
        y += -(-len(row) // _COLUMNS) * _HEIGHT
    return {
        "title": "ShinJP GraphQL",
        "uid": "shinjp",
        "schemaVersion": 39,
        "tags": ["graphql"],
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "30s",
        "templating": {
            "list": [{"name": "datasource", "type": "datasource", "query": "prometheus", "label": "Data source"}]
        },
        "panels": [panel | {"id": id} for id, panel in enumerate(panels, 1)],
    }


def _build_panel(panel: Panel, position: dict[str, int]) -> dict[str, Any]:
    datasource = {"type": "prometheus", "uid": "${datasource}"}
    is_heatmap = panel.kind == "heatmap"
    return {
        "type": panel.kind,
        "title": panel.title,
        "datasource": datasource,
        "gridPos": position,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"calculate": False, "yAxis": {"unit": panel.unit}}
        if is_heatmap
        else {"tooltip": {"mode": "multi"}},
        "targets": [
            {
                "refId": chr(ord("A") + number),
                "datasource": datasource,
                "expr": expression,
                "legendFormat": legend,
                # Ids of kept traces, next to durations.
                "exemplar": "_bucket" in expression and not is_heatmap,
                "format": "heatmap" if is_heatmap else "time_series",
            }
            for number, (expression, legend) in enumerate(panel.queries)
        ],
    }


if __name__ == "__main__":
    json.dump(build(), sys.stdout, indent=1)
    sys.stdout.write("\n")
