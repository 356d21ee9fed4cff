"""Percentiles of measured milliseconds."""

from collections.abc import Sequence


def percentiles(milliseconds: Sequence[float]) -> dict[str, float] | None:
    """None for no values."""
    if not milliseconds:
        return None
    ordered = sorted(milliseconds)

    def at(percent: int) -> float:
        return round(ordered[min(len(ordered) - 1, len(ordered) * percent // 100)], 1)

    return {"p50": at(50), "p95": at(95), "p99": at(99), "max": round(ordered[-1], 1)}
