"""Series of metrics: a name, labels, and what their cells mean."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Self

import orjson

from common.metrics.exemplars import CELLS_PER_BUCKET

# Bounds of durations in seconds, from 1 ms to 10 s.
DURATION_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Kind(StrEnum):
    """How the values of processes are combined. Those of counters and histograms count after a process ended.

    `SHARED`: a gauge that all processes measure of the same thing, such as a disk; the latest value counts.
    `EXEMPLARS`: of the buckets of the histogram with the same name and labels; the latest ones count.
    """

    COUNTER = "counter"
    GAUGE = "gauge"
    SHARED = "shared"
    HISTOGRAM = "histogram"
    EXEMPLARS = "exemplars"

    @property
    def outlives_process(self) -> bool:
        return self in (Kind.COUNTER, Kind.HISTOGRAM)


class Series(NamedTuple):
    """`bounds`: of a histogram, without infinity. Its cells are the counts of the buckets, each alone, and the sum.

    Those of a shared gauge are its value and the Unix time of the measurement. Those of exemplars: see
    `common.metrics.exemplars`.
    """

    kind: Kind
    name: str
    help: str
    labels: Mapping[str, str]
    bounds: Sequence[float] = ()

    @property
    def cell_count(self) -> int:
        match self.kind:
            case Kind.HISTOGRAM:
                return len(self.bounds) + 2
            case Kind.SHARED:
                return 2
            case Kind.EXEMPLARS:
                return (len(self.bounds) + 1) * CELLS_PER_BUCKET
            case _:
                return 1

    def encode(self) -> bytes:
        return orjson.dumps([self.kind, self.name, self.help, self.labels, self.bounds])

    @classmethod
    def decode(cls, key: bytes) -> Self:
        kind, name, help, labels, bounds = orjson.loads(key)
        return cls(Kind(kind), name, help, labels, tuple(bounds))


# Each scrape decodes the same keys.
decode_series = lru_cache(maxsize=20_000)(Series.decode)
