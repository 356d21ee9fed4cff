"""Saves the sentences of imported notes as contexts of their cards."""

from collections.abc import Iterable, Mapping

from db.commands import card_contexts as commands
from db.core.transaction import Transaction
from db.queries.books import books_by_id
from db.services.import_logs import card_of
from db.services.import_subjects import Cards, Subject
from domain.ids import CardId
from domain.imports.plan import PlannedCard, PlannedNote
from domain.imports.records import ExactContext
from domain.text import is_visible_text


async def save_contexts(
    transaction: Transaction, notes: Iterable[PlannedNote], subjects: Mapping[int, Subject | None], cards: Cards
) -> set[CardId]:
    """Save the sentence of the first note of each card that has no context. Up to two statements.

    Returns the cards that got one.
    """
    contexts: dict[CardId, ExactContext] = {}
    for note in notes:
        for planned in note.cards:
            context = _context_of(note, planned)
            card = None if context is None else card_of(planned, subjects[note.note.line], cards)
            if context is not None and card is not None:
                contexts.setdefault(card.id, context)
    if not contexts:
        return set()
    pages = await _page_counts(transaction, contexts.values())
    values = commands.card_context_values((id, *_known_place(context, pages)) for id, context in contexts.items())
    return {row.card_id for row in await transaction.rows(commands.insert_card_contexts, **values)}


def _context_of(note: PlannedNote, planned: PlannedCard) -> ExactContext | None:
    if planned.exact is not None:
        return planned.exact.context
    return ExactContext(note.sentence) if note.sentence and is_visible_text(note.sentence) else None


async def _page_counts(transaction: Transaction, contexts: Iterable[ExactContext]) -> dict[object, int]:
    """Return the number of pages of each book that the learner can see. Up to one statement."""
    ids = list(dict.fromkeys(context.book_id for context in contexts if context.book_id is not None))
    if not ids:
        return {}
    rows = await transaction.rows(books_by_id(unpublished=transaction.viewer.is_editor), ids=ids)
    return {row.id: row.page_count for row in rows}


def _known_place(context: ExactContext, pages: Mapping[object, int]) -> ExactContext:
    """Return the context without a book that this server does not have, as one of another server, or a page of it."""
    if context.book_id not in pages:
        return ExactContext(context.text)
    if context.page is not None and context.page > pages[context.book_id]:
        return context._replace(page=None)
    return context
