"""Undoes reviews, the newest of a card first. Those that moved no schedule can be undone in any order."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from db.commands import locked_cards as lock_commands
from db.commands import reviews as commands
from db.commands.reviews import LoggedReviewRow
from db.core.transaction import Transaction
from db.queries.cards import CardRow, RescheduledCard
from db.services.leeches import update_leeches
from db.services.rescheduling import reschedule_cards, review_logs, save_schedules, schedule_changes
from db.services.streaks import freeze_missed_days
from domain.ids import CardId, ReviewId
from domain.reviews import DailyTotalsDelta, revert_reviews
from domain.scheduling import LogEntry
from domain.user_errors import InvalidInput, UserError, UserErrorCode


async def undo_reviews(transaction: Transaction, review_ids: Sequence[ReviewId]) -> list[CardRow | RescheduledCard]:
    """Undo reviews and return their cards in the order of the ids. At most eight statements.

    Reviews that were undone before are skipped. Raises InvalidInput, with the path ("reviewIds", N), for an
    unknown review, or one that is not the newest of its card.
    """
    locked = await transaction.rows(lock_commands.lock_cards_of_reviews, review_ids=list(review_ids))
    rows = {card.id: card for card in locked}
    cards: dict[CardId, CardRow | RescheduledCard] = {**rows}
    logs = await review_logs(transaction, list(cards))
    _check(review_ids, logs)
    requested = set(review_ids)
    standing = {card_id: [row for row in log if not row.undone] for card_id, log in logs.items()}
    undone = {card_id: [row for row in log if row.id in requested] for card_id, log in standing.items()}
    removed = [row for log in undone.values() for row in log]
    if removed:
        moved = [card_id for card_id, log in undone.items() if any(row.rescheduled for row in log)]
        others = await schedule_changes(transaction, moved) if moved else {}
        changes: list[DailyTotalsDelta] = []
        remaining: dict[CardId, list[LogEntry]] = {}
        for card_id, log in undone.items():
            complete: list[LogEntry] = [*(row.answer for row in standing[card_id]), *others.get(card_id, ())]
            changes += revert_reviews(complete, [row.logged for row in log])
            if card_id in others:
                answers = (row.answer for row in standing[card_id] if row.id not in requested)
                remaining[card_id] = [*answers, *others[card_id]]
        values = commands.undo_values((row.id, row.reviewed_at) for row in removed)
        await transaction.rows(commands.undo_reviews, **values)
        if remaining:
            schedules = await reschedule_cards(locked, remaining)
            await save_schedules(transaction, schedules)
            cards |= {id: RescheduledCard(rows[id], schedule) for id, schedule in schedules}
            cards |= (await update_leeches(transaction, rows, schedules))[1]
        days = await transaction.rows(commands.add_to_days, **commands.day_values(changes))
        await freeze_missed_days(transaction, changes, days, locked[0].streak_freezes_per_month)
    card_ids = {row.id: row.card_id for log in logs.values() for row in log}
    return [cards[card_id] for card_id in dict.fromkeys(card_ids[id] for id in review_ids)]


def _check(review_ids: Sequence[ReviewId], logs: Mapping[CardId, list[LoggedReviewRow]]) -> None:
    known = {row.id: row for log in logs.values() for row in log}
    requested = set(review_ids)
    # The newest reviews of each card that moved its schedule, as long as all of them are to be undone.
    free = {
        row.id
        for log in logs.values()
        for row in takewhile(
            lambda row: row.undone or row.id in requested, (row for row in reversed(log) if row.rescheduled)
        )
    }
    errors = []
    for index, id in enumerate(review_ids):
        path = ("reviewIds", str(index))
        if id not in known:
            errors.append(UserError(UserErrorCode.NOT_FOUND, "Review not found.", path))
        elif id not in free and known[id].rescheduled and not known[id].undone:
            message = "The card has a newer review; undo that one first."
            errors.append(UserError(UserErrorCode.CONFLICT, message, path))
    if errors:
        raise InvalidInput(*errors)
