"""How much of the text of a book a learner knows."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CoverageCounts:
    """Words, or their occurrences, by what the learner knows; `total` is positive."""

    total: int
    known: int
    learning: int

    @property
    def unknown(self) -> int:
        return self.total - self.known - self.learning

    @property
    def known_share(self) -> float:
        return self.known / self.total

    @property
    def learning_share(self) -> float:
        return self.learning / self.total

    @property
    def unknown_share(self) -> float:
        return self.unknown / self.total


@dataclass(frozen=True, slots=True)
class BookCoverage:
    """Of all occurrences of words, and of the words, each counted once."""

    tokens: CoverageCounts
    words: CoverageCounts
