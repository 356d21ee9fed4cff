"""Metrics in the formats of Prometheus and OpenMetrics."""

import math
from collections.abc import Iterable, Iterator
from itertools import accumulate, groupby
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector
from prometheus_client.samples import Exemplar as ExemplarSample
from prometheus_client.utils import floatToGoString

from common.metrics.cells import CellStore
from common.metrics.exemplars import Exemplar, read_exemplars
from common.metrics.merge import Snapshot
from common.metrics.series import Kind, Series

_INFINITY = "+Inf"


class SharedGaugeFamily(GaugeMetricFamily):
    """A gauge that all processes measure of the same thing."""


def store_families(store: CellStore, families: Iterable[Metric], at: float) -> None:
    """Store what collectors measured, at this Unix time. The labels of a gauge must be the same each time."""
    for series, value in _samples(families):
        cells = store.cells(series.encode(), series.cell_count)
        if series.kind is Kind.SHARED:
            cells[1] = at
        cells[0] = value


def remove_families(store: CellStore, families: Iterable[Metric]) -> None:
    """Remove their values until they are stored again."""
    for series, _ in _samples(families):
        store.cells(series.encode(), series.cell_count)[0] = math.nan


def _samples(families: Iterable[Metric]) -> Iterator[tuple[Series, float]]:
    for family in families:
        kind = _kind_of(family)
        for sample in family.samples:
            yield Series(kind, family.name, family.documentation, sample.labels), sample.value


def render(snapshot: Snapshot, accept: str) -> tuple[bytes, str]:
    """In the format that the header accepts, with its content type. Only OpenMetrics has exemplars."""
    registry = CollectorRegistry()
    registry.register(_SnapshotCollector(snapshot))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _SnapshotCollector(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def describe(self) -> Iterator[Metric]:
        """Nothing, so that registration does not collect."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        all_series = list(self._snapshot.series())
        exemplars = {
            (series.name, *series.labels.values()): list(read_exemplars(cells))
            for series, cells in all_series
            if series.kind is Kind.EXEMPLARS
        }
        for (kind, name, help), group in groupby(
            all_series, lambda found: (found[0].kind, found[0].name, found[0].help)
        ):
            found = list(group)
            labels = list(found[0][0].labels)
            match kind:
                case Kind.COUNTER:
                    counter = CounterMetricFamily(name, help, labels=labels)
                    for series, values in found:
                        counter.add_metric(list(series.labels.values()), values[0])
                    yield counter
                case Kind.GAUGE | Kind.SHARED:
                    gauge = GaugeMetricFamily(name, help, labels=labels)
                    for series, values in found:
                        gauge.add_metric(list(series.labels.values()), values[0])
                    yield gauge
                case Kind.HISTOGRAM:
                    histogram = HistogramMetricFamily(name, help, labels=labels)
                    for series, (*counts, total) in found:
                        label_values = list(series.labels.values())
                        latest = exemplars.get((name, *label_values), [None] * len(counts))
                        bounds = (*map(floatToGoString, series.bounds), _INFINITY)
                        buckets = list(map(_to_bucket, bounds, accumulate(counts), latest))
                        histogram.add_metric(label_values, buckets, total)
                    yield histogram
                case Kind.EXEMPLARS:
                    continue


def _to_bucket(bound: str, count: float, exemplar: Exemplar | None) -> Any:
    if exemplar is None:
        return bound, count
    labels = {"trace_id": f"{exemplar.trace_id:032x}"}
    return bound, count, ExemplarSample(labels, exemplar.value, exemplar.at)


def _kind_of(family: Metric) -> Kind:
    if isinstance(family, SharedGaugeFamily):
        return Kind.SHARED
    return Kind.COUNTER if family.type == "counter" else Kind.GAUGE
