"""Saves the usual batch of reviews: one of each card, newer than all entries of its log."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from db.commands import saved_reviews as commands
from db.commands.locked_cards import LockedCardRow
from db.core.transaction import Transaction
from db.queries.cards import RescheduledCard, due_counts
from db.queries.reviews import NewReview
from db.services.rescheduling import in_thread_if_large
from db.services.streaks import freeze_missed_days
from domain.ids import CardId, ReviewId, new_ids
from domain.reviews import DailyTotalsDelta, SubmittedReview, cap_duration
from domain.scheduling import PASSING_QUALITY, Answer, DayLoads, Schedule, SchedulingAlgorithm
from domain.scheduling.days import StudyDays
from domain.scheduling.load import BALANCED_DAYS
from domain.timestamps import clamp_to_now


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
    answers = _newest_answers(submitted, schedules, card.vacation_at, transaction.now, algorithm.days)
    if answers is None:
        return None
    loads = await due_loads(transaction, algorithm)
    found, changes = await in_thread_if_large(
        lambda: _apply(algorithm, submitted, answers, cards, schedules, loads), len(answers)
    )
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


def _newest_answers(
    submitted: Sequence[SubmittedReview],
    schedules: Sequence[Schedule],
    vacation_at: datetime | None,
    now: datetime,
    days: StudyDays,
) -> list[Answer] | None:
    """Return the reviews as they are logged; None if the batch is not a usual one."""
    answers: list[Answer] = []
    for (_, quality, key, reviewed_at, _, reschedule), schedule in zip(submitted, schedules, strict=True):
        answered_at = now if reviewed_at is None else clamp_to_now(reviewed_at, now)
        entry_at = schedule.last_entry_at
        if not reschedule or (entry_at is not None and answered_at <= entry_at):
            return None
        # The entry of a vacation belongs to all logs.
        if vacation_at is not None and answered_at <= vacation_at:
            return None
        answers.append(Answer(answered_at, key, quality, days.day_of(answered_at)))
    has_repeated_keys = len({answer.idempotency_key for answer in answers}) < len(answers)
    return None if has_repeated_keys else answers


def _apply(
    algorithm: SchedulingAlgorithm,
    submitted: Sequence[SubmittedReview],
    answers: Sequence[Answer],
    cards: Sequence[LockedCardRow],
    schedules: Sequence[Schedule],
    loads: DayLoads | None,
) -> tuple[NewestReviews, list[DailyTotalsDelta]]:
    """Does what `apply_reviews` does, with fewer objects for each card."""
    found = NewestReviews([], [], [])
    totals: dict[date, list[int]] = {}
    new = zip(submitted, answers, cards, schedules, new_ids(len(answers)), strict=True)
    for review, answer, card, before, id in new:
        card_id, (answered_at, key, quality, day, _, _) = review.card_id, answer
        after = algorithm.review(card_id, before, answer, loads)
        predicted = algorithm.retrievability(before, day)
        duration_ms = cap_duration(review.duration_ms)
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
        total = totals.get(day)
        if total is None:
            total = totals[day] = [0, 0, 0, 0]
        total[0] += 1
        total[1] += quality >= PASSING_QUALITY
        total[2] += before.first_reviewed_at is None
        total[3] += duration_ms or 0
    return found, [DailyTotalsDelta(day, *total) for day, total in sorted(totals.items())]
