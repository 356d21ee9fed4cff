"""How the field cache does, counted in this process since it started."""

from collections import defaultdict
from dataclasses import dataclass
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

    def count(self, outcome: Outcome, holes: int) -> None:
        setattr(self, outcome.value, getattr(self, outcome.value) + 1)
        self.holes += holes


class CacheStatistics:
    """By the coordinates of fields. `differences`: hits that a sample computed anew, and found to be wrong."""

    def __init__(self) -> None:
        self.total = Counts()
        self.by_field: defaultdict[str, Counts] = defaultdict(Counts)
        self.samples = 0
        self.differences = 0

    def count(self, field: str, outcome: Outcome, holes: int) -> None:
        self.total.count(outcome, holes)
        self.by_field[field].count(outcome, holes)
