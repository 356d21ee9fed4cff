"""How the field cache does, counted in this process since it started."""

from collections import defaultdict
from dataclasses import dataclass, fields
from enum import StrEnum


class Outcome(StrEnum):
    """How a field was answered. A hit that was shown although it is not fresh any more is stale."""

    HIT = "hits"
    MISS = "misses"
    STALE = "stale"


@dataclass(slots=True)
class Counts:
    """Of one field, or of all. `holes`: personal fields that were put into shared values."""

    hits: int = 0
    misses: int = 0
    stale: int = 0
    holes: int = 0

    @property
    def hit_rate(self) -> float:
        """0 to 1; 0 where nobody asked."""
        answered = self.hits + self.stale
        return answered / (answered + self.misses) if answered + self.misses else 0.0


class CacheStatistics:
    """By the coordinates of fields. `differences`: hits that a sample computed anew, and found to be wrong."""

    def __init__(self) -> None:
        self.by_field: defaultdict[str, Counts] = defaultdict(Counts)
        self.samples = 0
        self.differences = 0

    def count(self, field: str, outcome: Outcome, holes: int) -> None:
        counts = self.by_field[field]
        match outcome:
            case Outcome.HIT:
                counts.hits += 1
            case Outcome.MISS:
                counts.misses += 1
            case Outcome.STALE:
                counts.stale += 1
        counts.holes += holes

    @property
    def total(self) -> Counts:
        """Of all fields."""
        of_fields = self.by_field.values()
        return Counts(*(sum(getattr(counts, field.name) for counts in of_fields) for field in fields(Counts)))
