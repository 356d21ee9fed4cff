"""Metrics of the field cache."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from common.metrics.merge import Snapshot

REQUESTS, ENTRIES = "shinjp_field_cache_requests", "shinjp_field_cache_entries"


class CacheOutcome(StrEnum):
    """How a cached field was served. `STALE`: a hit that is served while it is revalidated."""

    HIT = "hits"
    MISS = "misses"
    STALE = "stale"


@dataclass(slots=True)
class Counts:
    """Counts of one field, or of all. `holes_filled`: per-viewer fields rendered into shared values."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    holes_filled: int = 0

    def by_outcome(self) -> tuple[tuple[str, int], ...]:
        """The numbers of requests."""
        return ("hit", self.hits), ("miss", self.misses), ("stale", self.stale)

    @classmethod
    def from_metrics(cls, snapshot: Snapshot, **labels: str) -> Self:
        """Sum the requests of all processes: for all fields, or one."""
        counts = snapshot.values_by("outcome", REQUESTS, **labels)
        return cls(*(int(counts.get(outcome, 0)) for outcome, _ in cls().by_outcome()))

    @property
    def hit_rate(self) -> float:
        """Between 0 and 1; 0 without requests."""
        hits = self.hits + self.stale
        return hits / (hits + self.misses) if hits + self.misses else 0.0


class CacheMetrics:
    """Counts by field coordinates. `shadow_mismatches`: hits that differed when a shadow check recomputed them."""

    def __init__(self) -> None:
        self.by_field: defaultdict[str, Counts] = defaultdict(Counts)
        self.shadow_checks = 0
        self.shadow_mismatches = 0

    def count(self, field: str, outcome: CacheOutcome, holes_filled: int) -> None:
        counts = self.by_field[field]
        match outcome:
            case CacheOutcome.HIT:
                counts.hits += 1
            case CacheOutcome.MISS:
                counts.misses += 1
            case CacheOutcome.STALE:
                counts.stale += 1
        counts.holes_filled += holes_filled
