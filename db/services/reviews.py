"""Saves reviews.

The log is the source of truth: the state of a card is the fold of its entries, and daily totals are sums over
them. All three change in one transaction, with a number of statements that does not depend on the number of reviews.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from db.commands import reviews as commands
from db.commands import saved_reviews as save_commands
from db.commands.locked_cards import LockedCardRow
from db.commands.reviews import LoggedReviewRow
from db.core.transaction import Transaction
from db.queries.cards import CardRow, RescheduledCard, due_counts
from db.queries.reviews import NewReview, ReviewRow
from db.services.leeches import update_leeches
from db.services.rescheduling import in_thread_if_large, log_entries
from db.services.streaks import freeze_missed_days
from domain.ids import CardId, ReviewId, new_ids
from domain.reviews import LoggedReview, ReviewOutcome, SubmittedReview, apply_reviews, is_out_of_order
from domain.scheduling import DayLoads, LogEntry, SchedulingAlgorithm
from domain.scheduling.load import BALANCED_DAYS
from domain.user_errors import UserErrorCode


class SavedReview(NamedTuple):
    """The result of a submitted review: it is saved exactly once, or `refusal` is NOT_FOUND or CONFLICT."""

    card: CardRow | RescheduledCard | None = None
    review: ReviewRow | NewReview | None = None
    duplicate: bool = False
    refusal: UserErrorCode | None = None
    became_leech: bool = False


async def save_reviews(transaction: Transaction, submitted: Sequence[SubmittedReview]) -> list[SavedReview]:
    """Save reviews and return their results in order, with the cards after all of them. Two to seven statements,
    two more to freeze missed days, and one more to suspend leeches.

    A reused idempotency key returns the earlier review if the content is the same.
    """
    keys = [review.idempotency_key for review in submitted]
    values = save_commands.lock_values({review.card_id for review in submitted}, keys)
    found = await transaction.rows(save_commands.lock_reviewed_cards, **values)
    locked = {card.id: card for card in found}
    has_used_keys = bool(found) and found[0].has_used_keys
    earlier = await _reviews_by_key(transaction, keys) if has_used_keys else {}
    added: dict[str, SubmittedReview] = {}
    for review in submitted:
        if review.card_id in locked and review.idempotency_key not in earlier:
            added.setdefault(review.idempotency_key, review)
    cards: dict[CardId, CardRow | RescheduledCard] = {**locked}
    rows: dict[str, NewReview] = {}
    leeches: Collection[CardId] = ()
    if added:
        rows, moved = await _add(transaction, locked, added.values())
        cards |= moved
        schedules = ((id, card.schedule) for id, card in moved.items())
        leeches, suspended = await update_leeches(transaction, locked, schedules)
        cards |= suspended

    def outcome(review: SubmittedReview) -> SavedReview:
        key = review.idempotency_key
        first = added.get(key)
        if first is review:
            return SavedReview(cards[review.card_id], rows[key], became_leech=review.card_id in leeches)
        if review.card_id not in locked:
            return SavedReview(refusal=UserErrorCode.NOT_FOUND)
        before = earlier.get(key)
        if before is not None and before.is_repeated_by(review):
            return SavedReview(cards[review.card_id], before, duplicate=True)
        if before is not None or (first is not None and first != review):
            return SavedReview(refusal=UserErrorCode.CONFLICT)
        return SavedReview(cards[review.card_id], rows[key], duplicate=True)

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
) -> tuple[dict[str, NewReview], dict[CardId, RescheduledCard]]:
    """Save new reviews and return them by key, and the rescheduled cards by id. One to six statements."""
    algorithm = next(iter(locked.values())).algorithm
    reviews: dict[CardId, list[LoggedReview]] = defaultdict(list)
    for review in added:
        reviews[review.card_id].append(review.to_logged(transaction.now, algorithm.days))
    late = [id for id, of_card in reviews.items() if is_out_of_order(locked[id].newest_entry_at, of_card)]
    logs = await log_entries(transaction, late) if late else {}

    loads = await _loads(transaction, algorithm)

    def study() -> dict[CardId, ReviewOutcome]:
        return {
            id: _apply_reviews(algorithm, locked[id], logs.get(id), of_card, loads) for id, of_card in reviews.items()
        }

    answers = sum(map(len, reviews.values())) + sum(map(len, logs.values()))
    after = await in_thread_if_large(study, answers)
    ids = iter(new_ids(sum(map(len, reviews.values()))))
    saved = {
        review.answer.idempotency_key: _new_review(ReviewId(next(ids)), id, review, after[id])
        for id, of_card in reviews.items()
        for review in of_card
    }
    # Cards whose answers move no schedule are unchanged.
    schedules = {
        id: after[id].schedule
        for id, of_card in reviews.items()
        if any(review.answer.reschedules for review in of_card)
    }
    changes = [change for of_card in after.values() for change in of_card.changes]
    values = save_commands.saved_values(saved.values(), schedules.items(), changes)
    days = await transaction.rows(save_commands.save_reviews, **values)
    await freeze_missed_days(transaction, changes, days, next(iter(locked.values())).streak_freezes_per_month)
    return saved, {id: RescheduledCard(locked[id], schedule) for id, schedule in schedules.items()}


def _new_review(id: ReviewId, card_id: CardId, review: LoggedReview, after: ReviewOutcome) -> NewReview:
    at, key, quality, day, _, reschedules = review.answer
    before, after_days, due_day, predicted = after.intervals[key]
    duration_ms = review.duration_ms
    return NewReview(
        id, at, card_id, key, quality, before, after_days, duration_ms, day, due_day, predicted, reschedules
    )


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
    algorithm: SchedulingAlgorithm,
    card: LockedCardRow,
    log: Sequence[LogEntry] | None,
    added: list[LoggedReview],
    loads: DayLoads | None,
) -> ReviewOutcome:
    """Apply reviews to the card's current state, or to its whole log if one of them is out of order."""
    if log is None:
        return apply_reviews(algorithm, card.id, card.schedule, (), added, loads)
    return apply_reviews(algorithm, card.id, card.new, log, added, loads)
