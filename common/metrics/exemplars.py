"""Exemplars of histograms: for each bucket, the latest value of a trace that is kept."""

import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from common.metrics.cells import Cells

# Cells of a bucket: the time, the value, three parts of the trace id, and the time again. Readers take no lock: while
# an exemplar is written, the times differ.
CELLS_PER_BUCKET = 6
# A cell represents integers below 2**53 exactly.
_PART_BITS = 43
_PART = 2**_PART_BITS - 1


class Exemplar(NamedTuple):
    """`at`: Unix time in seconds."""

    at: float
    value: float
    trace_id: int


def write_exemplar(cells: Cells, bucket: int, value: float, trace_id: int) -> None:
    """Replace the exemplar of a bucket."""
    now = time.time()
    parts = (trace_id >> 2 * _PART_BITS, trace_id >> _PART_BITS & _PART, trace_id & _PART)
    start = bucket * CELLS_PER_BUCKET
    for offset, cell in enumerate((now, value, *parts, now)):
        cells[start + offset] = cell


def read_exemplars(cells: Sequence[float]) -> Iterator[Exemplar | None]:
    """The exemplar of each bucket."""
    for start in range(0, len(cells), CELLS_PER_BUCKET):
        at, value, high, middle, low, end = cells[start : start + CELLS_PER_BUCKET]
        trace_id = int(high) << 2 * _PART_BITS | int(middle) << _PART_BITS | int(low)
        yield Exemplar(at, value, trace_id) if at and at == end else None


def merge_exemplars(left: Sequence[float], right: Sequence[float]) -> list[float]:
    """The latest exemplar of each bucket."""
    merged: list[float] = []
    for start in range(0, len(left), CELLS_PER_BUCKET):
        end = start + CELLS_PER_BUCKET
        is_left_later = _time(left[start:end]) >= _time(right[start:end])
        merged += (left if is_left_later else right)[start:end]
    return merged


def _time(bucket: Sequence[float]) -> float:
    return bucket[0] if bucket[0] == bucket[-1] else 0.0
