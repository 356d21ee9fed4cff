"""Deletes and restores cards. Deleted cards keep their log, and are purged after 30 days."""

from collections.abc import Sequence

from db.commands import card_deletion as commands
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries.cards import CardRow
from db.services.cards import cards_in_order
from domain.ids import CardId
from domain.validation import require_found


async def delete_cards(transaction: Transaction, card_ids: Sequence[CardId]) -> None:
    """Delete cards; deleted ones stay deleted. Two statements, one more on a distributed database.

    Raises InvalidInput, with the path ("cardIds", N), for a card that is not the viewer's or was purged.
    """
    cards = await _lock(transaction, card_ids)
    await transaction.rows(commands.delete_cards, ids=list(cards), now=transaction.now)
    if transaction.is_distributed:
        present = [card.id for card in cards.values() if card.deleted_at is None]
        await transaction.rows(commands.record_deleted_cards, ids=present)


async def restore_cards(transaction: Transaction, card_ids: Sequence[CardId]) -> list[CardRow]:
    """Restore cards with their logs and return them in the order of the ids. Two statements.

    Raises InvalidInput like `delete_cards`.
    """
    cards = await _lock(transaction, card_ids)
    return cards_in_order(card_ids, cards, await transaction.rows(commands.restore_cards, ids=list(cards)))


async def _lock(transaction: Transaction, card_ids: Sequence[CardId]) -> dict[CardId, LockedCardRow]:
    locked = await transaction.rows(commands.lock_cards_with_deleted, ids=list(card_ids))
    cards = {card.id: card for card in locked}
    require_found(card_ids, cards.keys(), "Card not found.", "cardIds")
    return cards
