"""Sums the metrics of processes."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from common.metrics.cells import Entry
from common.metrics.exemplars import merge_exemplars
from common.metrics.series import Kind, Series, decode_series


class ProcessEntries(NamedTuple):
    """The values of one process, by encoded series. Those of a dead one have no gauges."""

    is_alive: bool
    entries: Sequence[Entry]


def merge(processes: Iterable[ProcessEntries]) -> dict[bytes, list[float]]:
    """The values of all processes, by encoded series."""
    merged: dict[bytes, list[float]] = {}
    for process in processes:
        for key, values in process.entries:
            if math.isnan(values[0]):
                # It could not be measured.
                continue
            found = merged.get(key)
            if found is None:
                merged[key] = list(values)
            elif decode_series(key).kind is Kind.SHARED:
                merged[key] = max(found, list(values), key=_measured_at)
            elif decode_series(key).kind is Kind.EXEMPLARS:
                merged[key] = merge_exemplars(found, values)
            else:
                merged[key] = [left + right for left, right in zip(found, values, strict=True)]
    return merged


def _measured_at(shared: Sequence[float]) -> float:
    # A process of an earlier version stores no time.
    return shared[1] if len(shared) > 1 else 0.0


class Snapshot:
    """Metrics of all processes at one time."""

    def __init__(self, processes: Iterable[ProcessEntries]) -> None:
        self._values = merge(processes)

    def series(self) -> Iterator[tuple[Series, Sequence[float]]]:
        """All series, by the names of their metrics."""
        decoded = ((decode_series(key), values) for key, values in self._values.items())
        return iter(sorted(decoded, key=lambda found: (found[0].name, found[0].kind, *found[0].labels.values())))

    def value(self, name: str, **labels: str) -> float:
        """The sum of a counter or gauge over its series with these labels."""
        return sum((values[0] for _, values in self._find(name, labels)), 0.0)

    def values_by(self, label: str, name: str, **labels: str) -> Mapping[str, float]:
        """The sums by a label."""
        sums: dict[str, float] = {}
        for series, values in self._find(name, labels):
            sums[series.labels[label]] = sums.get(series.labels[label], 0.0) + values[0]
        return sums

    def _find(self, name: str, labels: Mapping[str, str]) -> Iterator[tuple[Series, Sequence[float]]]:
        for key, values in self._values.items():
            series = decode_series(key)
            if series.name == name and series.kind is not Kind.EXEMPLARS and labels.items() <= series.labels.items():
                yield series, values
