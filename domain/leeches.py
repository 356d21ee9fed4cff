"""Leeches: cards that are forgotten repeatedly."""

from dataclasses import dataclass

from domain.enums import LeechAction

MAX_LEECH_THRESHOLD = 99


@dataclass(frozen=True, slots=True)
class LeechRule:
    """`threshold`: the number of lapses from which a card is a leech; 0 for none."""

    threshold: int
    action: LeechAction

    def marks(self, lapses: int) -> int:
        """How often a card was marked: at the threshold, then after every half of it, as in Anki."""
        if not self.threshold or lapses < self.threshold:
            return 0
        return 1 + (lapses - self.threshold) // ((self.threshold + 1) // 2)
