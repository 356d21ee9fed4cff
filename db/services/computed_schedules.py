"""Schedules that were computed before the transaction that saves them, which then locks their cards briefly."""

from dataclasses import dataclass, field, replace

from db.commands.locked_cards import LockedCardRow
from domain.ids import CardId
from domain.scheduling import Schedule, SchedulingSettings


@dataclass(frozen=True, slots=True)
class ComputedSchedules:
    """Nothing was locked meanwhile: they hold for cards that have not changed since, and for unchanged settings.

    `version`: of the learner's settings as they were read. `settings`: with which cards were computed.
    """

    version: str | None
    settings: SchedulingSettings
    _cards: dict[CardId, tuple[int, Schedule | None]] = field(default_factory=dict)

    def add(self, card: LockedCardRow, schedule: Schedule) -> None:
        self._cards[card.id] = card.version, None if schedule == card.schedule else schedule

    def has(self, card: LockedCardRow) -> bool:
        """Whether the card is as it was read. With every entry of its log, a card gets another version."""
        known = self._cards.get(card.id)
        return known is not None and known[0] == card.version

    def changed(self, card: LockedCardRow) -> Schedule | None:
        """The schedule of a card that it has, None if it is the present one."""
        return self._cards[card.id][1]

    def are_with(self, settings: SchedulingSettings) -> bool:
        """Whether cards are computed in the same way with these settings."""
        return settings == replace(self.settings, earlier_days=settings.earlier_days)
