"""Parses the text format of OpenMetrics."""

from prometheus_client.openmetrics import parser
from prometheus_client.samples import Sample


def parse_open_metrics(text: str) -> list[Sample]:
    """All samples. Raises ValueError if any line is invalid."""
    families = parser.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # it has no annotations
    return [sample for family in families for sample in family.samples]
