"""Statistics of a request, returned as `extensions.stats` on demand."""

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class RequestStatistics:
    """`sql_ms` sums concurrent statements, so that it can exceed `duration_ms`.

    `sql_names`: the names of statements by their SQL; None unless they are collected.
    """

    sql_statements: int = 0
    sql_ms: float = 0.0
    loader_batches: int = 0
    # By field coordinates: hits, misses, stale, holes.
    cached: dict[str, Counter[str]] = field(default_factory=dict)
    started_at: float = field(default_factory=time.perf_counter)
    sql_names: dict[str, str] | None = None

    def count_cached(self, coordinates: str, outcome: str, holes: int) -> None:
        """`outcome` of a cached field; `holes`: number of per-viewer fields in its value."""
        counts = self.cached.setdefault(coordinates, Counter())
        counts[outcome] += 1
        if holes:
            counts["holes"] += holes

    def add(self, others: "RequestStatistics") -> None:
        """Adds the statistics of a shared computation."""
        self.sql_statements += others.sql_statements
        self.sql_ms += others.sql_ms
        self.loader_batches += others.loader_batches

    def as_extension(self) -> dict[str, Any]:
        return {
            "sqlStatements": self.sql_statements,
            "sqlMs": round(self.sql_ms, 3),
            "loaderBatches": self.loader_batches,
            "durationMs": round((time.perf_counter() - self.started_at) * 1000, 3),
            **({"cache": self.cached} if self.cached else {}),
        }
