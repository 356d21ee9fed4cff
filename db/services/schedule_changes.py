"""Resets, buries and reschedules cards, each by an entry in the logs of the cards, from which they are folded."""

from collections.abc import Mapping, Sequence

from db.commands import reviews as review_commands
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
from domain.enums import ScheduleChangeKind
from domain.ids import CardId, new_id
from domain.reviews import new_cards_delta
from domain.schedule_changes import SubmittedChange
from domain.scheduling import LogEntry
from domain.timestamps import clamp_to_now, is_repeated_time
from domain.user_errors import UserErrorCode, invalid_input


async def save_change(transaction: Transaction, change: SubmittedChange) -> list[CardRow | RescheduledCard]:
    """Save the change once, and return the cards in the order of the ids. Seven statements, three for a repeated one,
    one more for a reset that precedes reviews.

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
    added = await transaction.rows(commands.insert_changes, **values)
    logs = await log_entries(transaction, list(cards))
    if change.kind is ScheduleChangeKind.RESET:
        keys = {row.idempotency_key for row in added}
        before = {id: [entry for entry in log if entry.idempotency_key not in keys] for id, log in logs.items()}
        await _count_new_cards(transaction, before, logs)
    return cards_in_order(change.card_ids, cards, await _fold(transaction, cards, logs))


async def undo_change(transaction: Transaction, idempotency_key: str) -> list[CardId]:
    """Undo a change and return the ids of its cards, the oldest first. Seven statements, four if it was undone before,
    one more for a reset that preceded reviews.

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
        logs = await log_entries(transaction, list(cards))
        before = {id: list(log) for id, log in logs.items()}
        for row in undone:
            if row.card_id in before:
                before[row.card_id].append(row.entry)
        await _count_new_cards(transaction, before, logs)
        await _fold(transaction, cards, logs)
    return [card.id for card in locked if card.deleted_at is None]


async def _count_new_cards(
    transaction: Transaction, before: Mapping[CardId, Sequence[LogEntry]], after: Mapping[CardId, Sequence[LogEntry]]
) -> None:
    """Count the new cards of each day again. One statement if a reset precedes a review, otherwise none."""
    changes = [change for id, log in after.items() for change in new_cards_delta(before[id], log)]
    if changes:
        await transaction.rows(review_commands.add_to_days, **review_commands.day_values(changes))


async def _fold(
    transaction: Transaction, cards: Mapping[CardId, LockedCardRow], entries: Mapping[CardId, Sequence[LogEntry]]
) -> list[CardRow | RescheduledCard]:
    """Compute the cards from their logs and save them. One statement, and one more to suspend leeches."""
    schedules = await reschedule_cards(cards.values(), entries)
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
