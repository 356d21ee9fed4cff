"""Saves the sentences of imported notes as contexts of their cards."""

from collections.abc import Iterable, Mapping

from db.commands import card_contexts as commands
from db.core.transaction import Transaction
from db.services.import_logs import card_of
from db.services.import_subjects import Cards, Subject
from domain.ids import CardId
from domain.imports.plan import PlannedNote
from domain.text import is_visible_text


async def save_contexts(
    transaction: Transaction, notes: Iterable[PlannedNote], subjects: Mapping[int, Subject | None], cards: Cards
) -> set[CardId]:
    """Save the sentence of the first note of each card that has no context. Up to one statement.

    Returns the cards that got one.
    """
    contexts: dict[CardId, str] = {}
    for note in notes:
        if not note.sentence or not is_visible_text(note.sentence):
            continue
        for planned in note.cards:
            card = card_of(planned, subjects[note.note.line], cards)
            if card is not None:
                contexts.setdefault(card.id, note.sentence)
    if not contexts:
        return set()
    rows = await transaction.rows(commands.insert_card_contexts, **commands.card_context_values(contexts.items()))
    return {row.card_id for row in rows}
