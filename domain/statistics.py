"""What one request cost. Filled while it runs, shown as `extensions.stats` to those who ask."""

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class RequestStatistics:
    """Counters of a single request. `sql_ms` adds up statements that ran side by side, so it can pass `duration_ms`."""

    sql_statements: int = 0
    sql_ms: float = 0.0
    loader_batches: int = 0
    started_at: float = field(default_factory=time.perf_counter)

    def as_extension(self) -> dict[str, float]:
        return {
            "sqlStatements": self.sql_statements,
            "sqlMs": round(self.sql_ms, 3),
            "loaderBatches": self.loader_batches,
            "durationMs": round((time.perf_counter() - self.started_at) * 1000, 3),
        }
