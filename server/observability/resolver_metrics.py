"""Metrics of resolvers, of a share of the operations, whose variant of the plan records a span for each resolver."""

from common.metrics.instruments import Histogram
from common.tracing.span_types import FIELD
from common.tracing.trace import Trace

# Coordinates are those of the schema.
_RESOLVERS = Histogram(
    "graphql_server_resolver_duration_seconds",
    "Duration of resolvers, of the operations that are measured, by RESOLVER_METRICS_RATIO.",
    ("graphql_field_coordinates",),
    bounds=(),
)


def record_resolvers(trace: Trace | None) -> None:
    """Record the resolvers among the first spans of the trace."""
    if trace is not None:
        for _, _, type, coordinates, started_at, ended_at, *_ in trace.spans:
            if type is FIELD:
                _RESOLVERS[coordinates,].observe(ended_at - started_at)
