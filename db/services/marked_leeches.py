"""Finds the marks that reviews made when they were saved, for devices that got no response and repeat them."""

from collections.abc import Iterable, Mapping, Sequence

from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.services.rescheduling import in_thread_if_large, log_entries
from domain.ids import CardId
from domain.reviews import SubmittedReview
from domain.scheduling import PASSING_QUALITY, Answer, LogEntry, replay


async def find_marked(
    transaction: Transaction, locked: Mapping[CardId, LockedCardRow], repeated: Iterable[SubmittedReview]
) -> set[CardId]:
    """Return the cards of these reviews that one of them marked as a leech. No statement without lapses, else two.

    Marks are those of the present rule.
    """
    lapses: dict[CardId, set[str]] = {}
    for review in repeated:
        # Not of deleted cards.
        if review.quality < PASSING_QUALITY and review.card_id in locked:
            lapses.setdefault(review.card_id, set()).add(review.idempotency_key)
    if not lapses:
        return set()
    logs = await log_entries(transaction, list(lapses))

    def find() -> set[CardId]:
        return {id for id, keys in lapses.items() if _has_marked(locked[id], logs[id], keys)}

    return await in_thread_if_large(find, sum(map(len, logs.values())))


def _has_marked(card: LockedCardRow, log: Sequence[LogEntry], keys: set[str]) -> bool:
    rule, before = card.leech_rule, 0
    for entry, after in replay(card.algorithm, card.id, card.new, log):
        marks = rule.marks(after.lapses)
        if marks > before and isinstance(entry, Answer) and entry.idempotency_key in keys:
            return True
        before = marks
    return False
