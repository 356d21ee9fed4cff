"""Saves the usual batch of reviews: one of each card, newer than all entries of its log."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from db.commands import saved_reviews as commands
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries.cards import RescheduledCard, due_counts
from db.queries.reviews import NewReview
from db.services.rescheduling import in_thread_if_large
from db.services.streaks import freeze_missed_days
from domain.ids import CardId, ReviewId, new_ids
from domain.reviews import DailyTotalsDelta, LoggedReview, SubmittedReview, is_out_of_order, totals_delta
from domain.scheduling import DayLoads, Schedule, SchedulingAlgorithm
from domain.scheduling.days import StudyDays
from domain.scheduling.load import BALANCED_DAYS


class NewestReviews(NamedTuple):
    """The saved reviews and their cards, in the same order. `lapsed`: the schedules whose lapses changed."""

    reviews: list[NewReview]
    cards: list[RescheduledCard]
    lapsed: list[tuple[CardId, Schedule]]


async def save_newest_reviews(
    transaction: Transaction, submitted: Sequence[SubmittedReview], locked: Mapping[CardId, LockedCardRow]
) -> NewestReviews | None:
    """Save the batch if it is a usual one, whose keys are unused. One or two statements, two more to freeze days."""
    # Then each card has one review.
    if not locked or len(locked) != len(submitted):
        return None
    cards = [locked[review.card_id] for review in submitted]
    card = cards[0]
    algorithm, schedules = card.algorithm, [card.schedule for card in cards]
    logged = _newest_reviews(submitted, schedules, card.vacation_at, transaction.now, algorithm.days)
    if logged is None:
        return None
    loads = await due_loads(transaction, algorithm)
    found, changes = await in_thread_if_large(lambda: _apply(algorithm, logged, cards, schedules, loads), len(logged))
    values = commands.newest_values(found.reviews, [moved.schedule for moved in found.cards], changes)
    days = await transaction.rows(commands.save_newest_reviews, **values)
    await freeze_missed_days(transaction, changes, days, card.streak_freezes_per_month)
    return found


async def due_loads(transaction: Transaction, algorithm: SchedulingAlgorithm) -> DayLoads | None:
    """Return how many cards are due on the next days, if the algorithm uses it. Up to one statement."""
    if not algorithm.is_balanced:
        return None
    until = transaction.now + timedelta(days=BALANCED_DAYS + 2)
    times = await transaction.rows(due_counts, until=until)
    return DayLoads.at(times, algorithm.days, algorithm.days.day_of(transaction.now))


def _newest_reviews(
    submitted: Sequence[SubmittedReview],
    schedules: Sequence[Schedule],
    vacation_at: datetime | None,
    now: datetime,
    days: StudyDays,
) -> list[LoggedReview] | None:
    """Return the reviews as they are logged; None if the batch is not a usual one."""
    found: list[LoggedReview] = []
    for review, schedule in zip(submitted, schedules, strict=True):
        if not review.reschedule:
            return None
        logged = (review.to_logged(now, days),)
        # The entry of a vacation belongs to all logs.
        if is_out_of_order(schedule.last_entry_at, logged) or is_out_of_order(vacation_at, logged):
            return None
        found += logged
    has_repeated_keys = len({review.answer.idempotency_key for review in found}) < len(found)
    return None if has_repeated_keys else found


def _apply(
    algorithm: SchedulingAlgorithm,
    logged: Sequence[LoggedReview],
    cards: Sequence[LockedCardRow],
    schedules: Sequence[Schedule],
    loads: DayLoads | None,
) -> tuple[NewestReviews, list[DailyTotalsDelta]]:
    """Does what `apply_reviews` does, with fewer objects for each card."""
    found = NewestReviews([], [], [])
    changes: list[DailyTotalsDelta] = []
    for review, card, before, id in zip(logged, cards, schedules, new_ids(len(logged)), strict=True):
        answer, duration_ms = review
        answered_at, key, quality, day, _, _ = answer
        card_id = card.id
        after = algorithm.review(card_id, before, answer, loads)
        predicted = algorithm.retrievability(before, day)
        found.reviews.append(
            NewReview(
                ReviewId(id),
                answered_at,
                card_id,
                key,
                quality,
                before.interval_days,
                after.interval_days,
                duration_ms,
                day,
                after.due_day,
                predicted,
                True,  # a named argument takes longer
            )
        )
        found.cards.append(RescheduledCard(card, after))
        if after.lapses != before.lapses:
            found.lapsed.append((card_id, after))
        changes.append(totals_delta(review, 1, new_cards=int(before.first_reviewed_at is None)))
    return found, changes
