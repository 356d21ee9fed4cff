"""Marks leeches when schedules are saved. The marks follow from the lapses, which are folded from the log."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

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


class ChangedMarks(NamedTuple):
    """`marked`: cards that got another mark. `to_suspend`: cards to be suspended or resumed, with their marks."""

    marked: set[CardId]
    to_suspend: list[tuple[CardId, int]]


def changed_marks(before: Mapping[CardId, ReviewedCard], after: Iterable[tuple[CardId, Schedule]]) -> ChangedMarks:
    """Return what other lapses change."""
    # Nearly all reviews leave the lapses as they were.
    changed = [(before[id], schedule.lapses) for id, schedule in after if schedule.lapses != before[id].lapses]
    if not changed:
        return ChangedMarks(set(), [])
    rule = changed[0][0].leech_rule
    marks = {card.id: (rule.marks(card.lapses), rule.marks(lapses)) for card, lapses in changed}
    moved = [(id, now) for id, (earlier, now) in marks.items() if now != earlier]
    marked = {id for id, (earlier, now) in marks.items() if now > earlier}
    return ChangedMarks(marked, moved if rule.action is LeechAction.SUSPEND else [])


async def update_leeches(
    transaction: Transaction, before: Mapping[CardId, ReviewedCard], after: Iterable[tuple[CardId, Schedule]]
) -> tuple[set[CardId], dict[CardId, CardRow]]:
    """Return the cards that got another mark, and those that were suspended or resumed, as they are now.

    No statement if no card passed a number of lapses that counts, else up to one. Late reviews and undo may take marks
    away: then a card that was suspended for them is resumed.
    """
    marked, to_suspend = changed_marks(before, after)
    if not to_suspend:
        return marked, {}
    rows = await transaction.rows(commands.suspend_leeches, **commands.mark_values(to_suspend))
    return marked, {card.id: card for card in rows}
