"""Marks leeches when schedules are saved. The marks follow from the lapses, which are folded from the log."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from db.commands import leeches as commands
from db.core.transaction import Transaction
from db.queries.cards import CardRow
from domain.enums import LeechAction
from domain.ids import CardId
from domain.leeches import LeechRule
from domain.scheduling import Schedule


class ReviewedCard(Protocol):
    """A card before its reviews."""

    @property
    def id(self) -> CardId: ...

    @property
    def lapses(self) -> int: ...

    @property
    def leech_rule(self) -> LeechRule: ...


async def update_leeches(
    transaction: Transaction, before: Mapping[CardId, ReviewedCard], after: Iterable[tuple[CardId, Schedule]]
) -> tuple[set[CardId], dict[CardId, CardRow]]:
    """Return the cards that got another mark, and those that were suspended or resumed, as they are now.

    No statement if no card passed a number of lapses that counts, else up to one. Late reviews and undo may take marks
    away: then a card that was suspended for them is resumed.
    """
    # Nearly all reviews leave the lapses as they were.
    changed = [(before[id], schedule.lapses) for id, schedule in after if schedule.lapses != before[id].lapses]
    if not changed:
        return set(), {}
    rule = changed[0][0].leech_rule
    marks = {card.id: (rule.marks(card.lapses), rule.marks(lapses)) for card, lapses in changed}
    moved = [(id, now) for id, (earlier, now) in marks.items() if now != earlier]
    marked = {id for id, (earlier, now) in marks.items() if now > earlier}
    if not moved or rule.action is not LeechAction.SUSPEND:
        return marked, {}
    rows = await transaction.rows(commands.suspend_leeches, **commands.mark_values(moved))
    return marked, {card.id: card for card in rows}
