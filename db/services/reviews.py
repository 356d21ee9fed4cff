"""Saves reviews.

The log is the source of truth: the state of a card is the fold of its entries, and daily totals are sums over
them. All three change in one transaction, with a number of statements that does not depend on the number of reviews.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.commands import cards as card_commands
from db.commands import reviews as commands
from db.commands.cards import LockedCardRow
from db.commands.reviews import LoggedReviewRow
from db.core.transaction import Transaction
from db.queries.cards import CardRow, due_counts
from db.queries.reviews import ReviewRow
from db.services.rescheduling import in_thread_if_large, log_entries, save_schedules
from domain.ids import CardId, new_id
from domain.reviews import LoggedReview, ReviewOutcome, SubmittedReview, apply_reviews, is_out_of_order
from domain.scheduling import DayLoads, LogEntry, SchedulingAlgorithm
from domain.scheduling.load import BALANCED_DAYS
from domain.user_errors import UserErrorCode


@dataclass(frozen=True, slots=True)
class SavedReview:
    """The result of a submitted review: it is saved exactly once, or `refusal` is NOT_FOUND or CONFLICT."""

    card: CardRow | None = None
    review: ReviewRow | None = None
    duplicate: bool = False
    refusal: UserErrorCode | None = None


async def save_reviews(transaction: Transaction, submitted: Sequence[SubmittedReview]) -> list[SavedReview]:
    """Save reviews and return their results in order, with the cards after all of them. At most nine statements.

    A reused idempotency key returns the earlier review if the content is the same.
    """
    card_ids = list({review.card_id for review in submitted})
    locked = {card.id: card for card in await transaction.rows(card_commands.lock_cards, ids=card_ids)}
    # The lock on the cards makes reviews visible that another device saved for them.
    earlier = await _reviews_by_key(transaction, [review.idempotency_key for review in submitted])
    added: dict[str, SubmittedReview] = {}
    for review in submitted:
        if review.card_id in locked and review.idempotency_key not in earlier:
            added.setdefault(review.idempotency_key, review)
    cards: dict[CardId, CardRow] = {**locked}
    rows: dict[str, LoggedReviewRow] = {}
    if added:
        rows, moved = await _add(transaction, locked, added.values())
        cards |= moved

    def outcome(review: SubmittedReview) -> SavedReview:
        key = review.idempotency_key
        before, first = earlier.get(key), added.get(key)
        if review.card_id not in locked:
            return SavedReview(refusal=UserErrorCode.NOT_FOUND)
        if before is not None and before.is_repeated_by(review):
            return SavedReview(cards[review.card_id], before, duplicate=True)
        if before is not None or (first is not None and first != review):
            return SavedReview(refusal=UserErrorCode.CONFLICT)
        assert first is not None  # Every review of a locked card has an earlier one or was added.
        return SavedReview(cards[review.card_id], rows[key], duplicate=review is not first)

    return [outcome(review) for review in submitted]


async def _reviews_by_key(transaction: Transaction, keys: list[str]) -> dict[str, LoggedReviewRow]:
    """Return earlier reviews with these keys, by key. One statement, or two if there are any."""
    used = await transaction.rows(commands.used_keys, keys=keys)
    if not used:
        return {}
    ids, times = [key.review_id for key in used], [key.reviewed_at for key in used]
    rows = await transaction.rows(commands.reviews_by_id_and_time, ids=ids, times=times)
    return {row.idempotency_key: row for row in rows}


async def _add(
    transaction: Transaction, locked: Mapping[CardId, LockedCardRow], added: Iterable[SubmittedReview]
) -> tuple[dict[str, LoggedReviewRow], dict[CardId, CardRow]]:
    """Save new reviews and return their rows by key and the rescheduled cards by id. Three to five statements."""
    reviews: dict[CardId, list[LoggedReview]] = defaultdict(list)
    for review in added:
        days = locked[review.card_id].algorithm.days
        reviews[review.card_id].append(review.to_logged(transaction.now, days))
    late = [id for id, of_card in reviews.items() if is_out_of_order(locked[id].last_entry_at, of_card)]
    logs = await log_entries(transaction, late) if late else {}

    loads = await _loads(transaction, next(iter(locked.values())).algorithm)

    def study() -> dict[CardId, ReviewOutcome]:
        return {id: _apply_reviews(locked[id], logs.get(id), of_card, loads) for id, of_card in reviews.items()}

    answers = sum(map(len, reviews.values())) + sum(map(len, logs.values()))
    after = await in_thread_if_large(study, answers)
    saved = commands.saved_values(
        (
            new_id(),
            review.answer.answered_at,
            id,
            review.answer.idempotency_key,
            review.answer.quality,
            *(moved := after[id].intervals[review.answer.idempotency_key])[:2],
            review.duration_ms,
            review.answer.day,
            moved.due_day,
            transaction.now,
        )
        for id, of_card in reviews.items()
        for review in of_card
    )
    rows = {row.idempotency_key: row for row in await transaction.rows(commands.insert_reviews, **saved)}
    cards = await save_schedules(transaction, ((id, of_card.schedule) for id, of_card in after.items()))
    changes = [change for of_card in after.values() for change in of_card.changes]
    await transaction.rows(commands.add_to_days, **commands.day_values(changes))
    return rows, cards


async def _loads(transaction: Transaction, algorithm: SchedulingAlgorithm) -> DayLoads | None:
    """Return how many cards are due on the next days, if the algorithm uses it. Up to one statement."""
    if not algorithm.is_balanced:
        return None
    until = transaction.now + timedelta(days=BALANCED_DAYS + 2)
    due: Counter[date] = Counter()
    for row in await transaction.rows(due_counts, until=until):
        due[algorithm.days.day_of(row.due_at)] += row.due
    return DayLoads(due)


def _apply_reviews(
    card: LockedCardRow, log: Sequence[LogEntry] | None, added: list[LoggedReview], loads: DayLoads | None
) -> ReviewOutcome:
    """Apply reviews to the card's current state, or to its whole log if one of them is out of order."""
    if log is None:
        return apply_reviews(card.algorithm, card.id, card.schedule, (), added, loads)
    return apply_reviews(card.algorithm, card.id, card.new, log, added, loads)
