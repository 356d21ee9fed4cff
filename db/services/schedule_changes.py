"""Resets, buries and reschedules cards, each by an entry in the logs of the cards, from which they are folded."""

from collections.abc import Mapping, Sequence

from db.commands import schedule_changes as commands
from db.commands import users as user_commands
from db.commands.card_deletion import lock_cards_with_deleted
from db.commands.locked_cards import LockedCardRow
from db.commands.schedule_changes import LoggedChangeRow
from db.core.transaction import Transaction
from db.queries.cards import CardRow, RescheduledCard
from db.services.cards import cards_in_order, lock_found
from db.services.leeches import update_leeches
from db.services.rescheduling import log_entries, reschedule_cards, save_schedules
from domain.ids import CardId, new_id
from domain.schedule_changes import SubmittedChange
from domain.timestamps import clamp_to_now, is_repeated_time
from domain.user_errors import UserErrorCode, invalid_input


async def save_change(transaction: Transaction, change: SubmittedChange) -> list[CardRow | RescheduledCard]:
    """Save the change once, and return the cards in the order of the ids. Seven statements, three for a repeated one.

    Raises InvalidInput, with the path ("cardIds", N), for a card that is not the viewer's, and with
    ("idempotencyKey",) if the key was used for a different change.
    """
    # A learner's batches are saved one after the other, so that a key has one batch.
    await transaction.row(user_commands.lock_settings)
    cards = await lock_found(transaction, change.card_ids)
    earlier = await transaction.rows(commands.changes_by_batch_key, batch_key=change.idempotency_key)
    if earlier:
        if not _is_repeated_by(earlier, change):
            message = "The idempotency key was used for a different change."
            raise invalid_input(UserErrorCode.CONFLICT, message, "idempotencyKey")
        return cards_in_order(change.card_ids, cards, ())
    changed_at = clamp_to_now(change.changed_at, transaction.now)
    day = next(iter(cards.values())).algorithm.days.day_of(changed_at)
    due_days = change.due_days({id: card.schedule for id, card in cards.items()}, day)
    key = change.idempotency_key
    entries = (
        (new_id(), id, change.kind.value, changed_at, day, due_days.get(id), change.days, None, f"{key}:{id}")
        for id in cards
    )
    values = commands.change_values(entries, transaction.now, batch_key=key)
    await transaction.rows(commands.insert_changes, **values)
    return cards_in_order(change.card_ids, cards, await _fold(transaction, cards))


async def undo_change(transaction: Transaction, idempotency_key: str) -> list[CardId]:
    """Undo a change and return the ids of its cards, the oldest first. Seven statements, four if it was undone before.

    Cards that were deleted since are changed as well, and not returned. Raises InvalidInput, with the path
    ("idempotencyKey",), for an unknown key.
    """
    await transaction.row(user_commands.lock_settings)
    entries = await transaction.rows(commands.changes_by_batch_key, batch_key=idempotency_key)
    if not entries:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Change not found.", "idempotencyKey")
    ids = [entry.card_id for entry in entries if entry.card_id is not None]
    locked = await transaction.rows(lock_cards_with_deleted, ids=ids)
    undone = await transaction.rows(commands.undo_batch, batch_key=idempotency_key)
    cards = {card.id: card for card in locked}
    if undone:
        await _fold(transaction, cards)
    return [card.id for card in locked if card.deleted_at is None]


async def _fold(transaction: Transaction, cards: Mapping[CardId, LockedCardRow]) -> list[CardRow | RescheduledCard]:
    """Compute the cards from their logs and save them. Three statements, and one more to suspend leeches."""
    schedules = await reschedule_cards(cards.values(), await log_entries(transaction, list(cards)))
    await save_schedules(transaction, schedules)
    _, suspended = await update_leeches(transaction, cards, schedules)
    return [suspended.get(id) or RescheduledCard(cards[id], schedule) for id, schedule in schedules]


def _is_repeated_by(earlier: Sequence[LoggedChangeRow], change: SubmittedChange) -> bool:
    """Whether the entries are those of this change, which a device sends again that got no response."""
    first = earlier[0]
    return (
        is_repeated_time(change.changed_at, first.changed_at, first.created_at)
        and first.kind == change.kind
        and first.days == change.days
        and {entry.card_id for entry in earlier} == set(change.card_ids)
    )
