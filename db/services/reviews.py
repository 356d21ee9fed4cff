"""Saves reviews.

The log is the source of truth: the state of a card is the fold of its entries, and daily totals are sums over
them. All three change in one transaction, with a number of statements that does not depend on the number of reviews.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from db.commands import reviews as commands
from db.commands import saved_reviews as save_commands
from db.commands import unlocked_reviews as unlocked_commands
from db.commands.locked_cards import LockedCardRow
from db.commands.reviews import LoggedReviewRow
from db.core.attempt import Attempt
from db.core.transaction import Transaction
from db.queries.cards import CardRow, RescheduledCard
from db.queries.reviews import NewReview, ReviewRow
from db.services.leeches import changed_marks, update_leeches
from db.services.marked_leeches import find_marked
from db.services.newest_reviews import NewestReviews, due_loads, newest_reviews, save_newest_reviews
from db.services.rescheduling import in_thread_if_large, log_entries
from db.services.streaks import freeze_missed_days
from domain.ids import CardId, ReviewId, new_ids
from domain.reviews import (
    DailyTotalsDelta,
    LoggedReview,
    MovedInterval,
    SubmittedReview,
    apply_reviews,
    is_out_of_order,
    sum_by_day,
)
from domain.scheduling import DayLoads, LogEntry, Schedule, SchedulingAlgorithm
from domain.user_errors import UserError, UserErrorCode


class ReviewResult(NamedTuple):
    """The result of a submitted review: saved exactly once, or refused. `error`: its path starts at the review."""

    idempotency_key: str
    card: CardRow | RescheduledCard | None = None
    review: ReviewRow | NewReview | None = None
    duplicate: bool = False
    error: UserError | None = None
    became_leech: bool = False


# Older reviews often precede others of their cards, which an attempt cannot save.
_RECENT = timedelta(days=1)


@dataclass(slots=True)
class _Outcomes:
    """`schedules`: of the cards that moved. `intervals`: by idempotency key."""

    schedules: dict[CardId, Schedule] = field(default_factory=dict)
    intervals: dict[str, MovedInterval] = field(default_factory=dict)
    changes: list[DailyTotalsDelta] = field(default_factory=list)


async def save_reviews(transaction: Transaction, submitted: Sequence[SubmittedReview]) -> list[ReviewResult]:
    """Save reviews and return their results in order, with the cards after all of them. Two to seven statements,
    two more to freeze missed days, one more to suspend leeches, and two more for lapses that were saved before.

    A reused idempotency key returns the earlier review if the content is the same.
    """
    keys = [review.idempotency_key for review in submitted]
    values = save_commands.lock_values({review.card_id for review in submitted}, keys)
    found = await transaction.rows(save_commands.lock_reviewed_cards, **values)
    locked = {card.id: card for card in found}
    has_used_keys = bool(found) and found[0].has_used_keys
    if not has_used_keys:
        usual = await _save_newest(transaction, submitted, locked)
        if usual is not None:
            return usual
    earlier = await _reviews_by_key(transaction, keys) if has_used_keys else {}
    added: dict[str, SubmittedReview] = {}
    for review in submitted:
        if review.card_id in locked and review.idempotency_key not in earlier:
            added.setdefault(review.idempotency_key, review)
    cards: dict[CardId, CardRow | RescheduledCard] = {**locked}
    rows: dict[str, NewReview] = {}
    leeches: set[CardId] = set()
    if added:
        rows, moved = await _add(transaction, locked, added.values())
        cards |= moved
        schedules = ((id, card.schedule) for id, card in moved.items())
        leeches, suspended = await update_leeches(transaction, locked, schedules)
        cards |= suspended
    if earlier:
        repeated = [review for review in submitted if _is_repeated(review, earlier.get(review.idempotency_key))]
        leeches |= await find_marked(transaction, locked, repeated)

    def outcome(review: SubmittedReview) -> ReviewResult:
        key = review.idempotency_key
        first = added.get(key)
        if review.card_id not in locked:
            return ReviewResult(key, error=UserError(UserErrorCode.NOT_FOUND, "Card not found.", ("cardId",)))
        before = earlier.get(key)
        if (before is None and first != review) or (before is not None and not before.is_repeated_by(review)):
            message = "The idempotency key was used for a different review."
            return ReviewResult(key, error=UserError(UserErrorCode.CONFLICT, message, ("idempotencyKey",)))
        saved = before or rows[key]
        return ReviewResult(key, cards[review.card_id], saved, first is not review, None, review.card_id in leeches)

    return [outcome(review) for review in submitted]


async def _save_newest(
    transaction: Transaction, submitted: Sequence[SubmittedReview], locked: Mapping[CardId, LockedCardRow]
) -> list[ReviewResult] | None:
    """Save the batch if it is a usual one."""
    newest = await save_newest_reviews(transaction, submitted, locked)
    if newest is None:
        return None
    leeches, suspended = await update_leeches(transaction, locked, newest.lapsed)
    return _results(newest, leeches, suspended)


async def attempt_reviews(
    attempt: Attempt, submitted: Sequence[SubmittedReview]
) -> tuple[list[ReviewResult], str] | None:
    """Save a usual batch as `save_reviews` does, if nothing changes meanwhile, with the changes that triggers record.

    Two statements, or three. None, or an error of PostgreSQL, if `save_reviews` has to save it: also if leeches are
    suspended or missed days may be frozen, which takes further statements.
    """
    card_ids, earliest = {review.card_id for review in submitted}, attempt.now - _RECENT
    if len(card_ids) < len(submitted) or any(at is not None and at < earliest for _, _, _, at, _, _ in submitted):
        return None
    values = save_commands.lock_values(card_ids, [review.idempotency_key for review in submitted])
    rows = await attempt.rows(unlocked_commands.read_reviewed_cards, **values)
    if not rows or rows[0].has_used_keys:
        return None
    read = {card.id: card for card in rows}
    newest = await newest_reviews(attempt, submitted, read)
    if newest is None:
        return None
    leeches, to_suspend = changed_marks(read, newest.lapsed)
    if to_suspend:
        return None
    cards = [read[review.card_id] for review in submitted]
    saved = await attempt.save(
        unlocked_commands.save_as_read,
        role=attempt.viewer.role.value,
        read_settings=str(rows[0].settings_xmin),
        freezes=rows[0].streak_freezes_per_month > 0,
        **unlocked_commands.read_values(newest.reviews, newest.schedules, cards, newest.changes),
    )
    return _results(newest, leeches, {}), saved.changes


def _results(newest: NewestReviews, leeches: set[CardId], suspended: Mapping[CardId, CardRow]) -> list[ReviewResult]:
    cards: Sequence[CardRow | RescheduledCard] = newest.cards
    if suspended:
        cards = [suspended.get(card.id, card) for card in cards]
    return [
        # Without the constructor, which takes three times as long.
        tuple.__new__(ReviewResult, (review.idempotency_key, card, review, False, None, review.card_id in leeches))
        for review, card in zip(newest.reviews, cards, strict=True)
    ]


def _is_repeated(review: SubmittedReview, earlier: LoggedReviewRow | None) -> bool:
    return earlier is not None and earlier.is_repeated_by(review)


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
    loads = await due_loads(transaction, algorithm)
    answers = sum(map(len, reviews.values()))
    entries = answers + sum(map(len, logs.values()))
    after = await in_thread_if_large(lambda: _apply_reviews(algorithm, locked, logs, reviews, loads), entries)
    ids = iter(new_ids(answers))
    saved = {
        (key := review.answer.idempotency_key): new_review(ReviewId(next(ids)), id, review, after.intervals[key])
        for id, of_card in reviews.items()
        for review in of_card
    }
    changes = sum_by_day(after.changes)
    values = save_commands.saved_values(saved.values(), after.schedules.items(), changes, algorithm.days)
    days = await transaction.rows(save_commands.save_reviews, **values)
    await freeze_missed_days(transaction, changes, days, next(iter(locked.values())).streak_freezes_per_month)
    return saved, {id: RescheduledCard(locked[id], schedule) for id, schedule in after.schedules.items()}


def new_review(id: ReviewId, card_id: CardId, review: LoggedReview, interval: MovedInterval) -> NewReview:
    """Return the row of an added review."""
    (at, key, quality, day, _, reschedules), duration_ms = review
    before, after, due_day, predicted = interval
    return NewReview(id, at, card_id, key, quality, before, after, duration_ms, day, due_day, predicted, reschedules)


def _apply_reviews(
    algorithm: SchedulingAlgorithm,
    locked: Mapping[CardId, LockedCardRow],
    logs: Mapping[CardId, Sequence[LogEntry]],
    added: Mapping[CardId, list[LoggedReview]],
    loads: DayLoads | None,
) -> _Outcomes:
    """Apply reviews to the current state of each card, or to its whole log if one of them is out of order."""
    found = _Outcomes()
    for id, reviews in added.items():
        card, log = locked[id], logs.get(id)
        outcome = apply_reviews(algorithm, id, card.schedule if log is None else card.new, log or (), reviews, loads)
        if any(review.answer.reschedules for review in reviews):
            found.schedules[id] = outcome.schedule
        found.intervals |= outcome.intervals
        found.changes += outcome.changes
    return found
