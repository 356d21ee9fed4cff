"""Saves the usual batch of reviews: one of each card, newer than all entries of its log."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from db.commands import saved_reviews as commands
from db.commands.locked_cards import LockedCardRow
from db.core.attempt import Reads
from db.core.transaction import Transaction
from db.queries.cards import RescheduledCard, due_counts
from db.queries.reviews import NewReview
from db.services.rescheduling import in_thread_if_large
from db.services.streaks import freeze_missed_days
from domain.enums import CardState
from domain.ids import CardId, ReviewId, new_ids
from domain.reviews import MAX_DURATION_MS, DailyTotalsDelta, SubmittedReview
from domain.scheduling import PASSING_QUALITY, Answer, DayLoads, Schedule, SchedulingAlgorithm
from domain.scheduling.load import BALANCED_DAYS
from domain.timestamps import clamp_to_now


class NewestReviews(NamedTuple):
    """Reviews and their cards, in the same order. `lapsed`: the schedules whose lapses changed. `changes`: by day."""

    reviews: list[NewReview]
    cards: list[RescheduledCard]
    lapsed: list[tuple[CardId, Schedule]]
    changes: list[DailyTotalsDelta]

    @property
    def schedules(self) -> list[Schedule]:
        return [card.schedule for card in self.cards]


async def save_newest_reviews(
    transaction: Transaction, submitted: Sequence[SubmittedReview], locked: Mapping[CardId, LockedCardRow]
) -> NewestReviews | None:
    """Save the batch if it is a usual one, whose keys are unused. One or two statements, two more to freeze days."""
    found = await newest_reviews(transaction, submitted, locked)
    if found is None:
        return None
    schedules = ((card.card_id, schedule) for card, schedule in zip(found.reviews, found.schedules, strict=True))
    card = next(iter(locked.values()))
    values = commands.saved_values(found.reviews, schedules, found.changes, card.algorithm.days)
    days = await transaction.rows(commands.save_reviews, **values)
    await freeze_missed_days(transaction, found.changes, days, card.streak_freezes_per_month)
    return found


async def newest_reviews(
    reads: Reads, submitted: Sequence[SubmittedReview], read: Mapping[CardId, LockedCardRow]
) -> NewestReviews | None:
    """Return what a usual batch changes, for cards as they were read; None for another batch. Up to one statement."""
    # Then each card has one review.
    if not read or len(read) != len(submitted):
        return None
    cards = [read[review.card_id] for review in submitted]
    card = cards[0]
    algorithm, schedules = card.algorithm, [card.schedule for card in cards]
    times = _times(submitted, schedules, card.vacation_at, algorithm.days.since, reads.now)
    if times is None:
        return None
    loads = await due_loads(reads, algorithm)
    return await in_thread_if_large(lambda: _apply(algorithm, submitted, times, cards, schedules, loads), len(times))


async def due_loads(reads: Reads, algorithm: SchedulingAlgorithm) -> DayLoads | None:
    """Return how many cards are due on the next days, if the algorithm uses it. Up to one statement."""
    if not algorithm.is_balanced:
        return None
    until = reads.now + timedelta(days=BALANCED_DAYS + 2)
    times = await reads.rows(due_counts, until=until)
    return DayLoads.at(times, algorithm.days, algorithm.days.day_of(reads.now))


def _times(
    submitted: Sequence[SubmittedReview],
    schedules: Sequence[Schedule],
    vacation_at: datetime | None,
    zone_since: datetime | None,
    now: datetime,
) -> list[datetime] | None:
    """Return the times of the reviews as they are logged; None if the batch is not a usual one."""
    found: list[datetime] = []
    for review, schedule in zip(submitted, schedules, strict=True):
        at = clamp_to_now(review.reviewed_at, now)
        newest = schedule.last_entry_at
        # As `is_out_of_order`. The entry of a vacation belongs to all logs.
        if (
            not review.reschedule
            or (newest is not None and at <= newest)
            or (vacation_at is not None and at <= vacation_at)
            # In an earlier time zone, which the statements of usual batches do not know.
            or (zone_since is not None and at < zone_since)
        ):
            return None
        found.append(at)
    has_repeated_keys = len({review.idempotency_key for review in submitted}) < len(submitted)
    return None if has_repeated_keys else found


def _apply(
    algorithm: SchedulingAlgorithm,
    submitted: Sequence[SubmittedReview],
    times: Sequence[datetime],
    cards: Sequence[LockedCardRow],
    schedules: Sequence[Schedule],
    loads: DayLoads | None,
) -> NewestReviews:
    """Does what `apply_reviews` does, with fewer objects for each card."""
    reviews: list[NewReview] = []
    moved: list[RescheduledCard] = []
    lapsed: list[tuple[CardId, Schedule]] = []
    totals: dict[date, list[int]] = {}
    day_of, schedule, retrievability = algorithm.days.day_of, algorithm.review, algorithm.retrievability
    make, ids = tuple.__new__, new_ids(len(cards))
    for review, at, card, before, id in zip(submitted, times, cards, schedules, ids, strict=True):
        card_id, quality, key, _, duration_ms, _ = review
        day = day_of(at)
        # Without the constructors, which take three times as long.
        after = schedule(card_id, before, make(Answer, (at, key, quality, day, None, True)), loads)
        if duration_ms is not None and duration_ms > MAX_DURATION_MS:
            duration_ms = MAX_DURATION_MS
        row = (
            ReviewId(id), at, card_id, key, quality, before.interval_days, after.interval_days, duration_ms,
            day, after.due_day, retrievability(before, day), True,
        )  # fmt: skip
        reviews.append(make(NewReview, row))
        moved.append(RescheduledCard(card, after))
        if after.lapses != before.lapses:
            lapsed.append((card_id, after))
        total = totals.get(day)
        if total is None:
            total = totals[day] = [0, 0, 0, 0]
        total[0] += 1
        if quality >= PASSING_QUALITY:
            total[1] += 1
        if before.state is CardState.NEW:
            total[2] += 1
        if duration_ms:
            total[3] += duration_ms
    changes = [DailyTotalsDelta(day, *total) for day, total in sorted(totals.items())]
    return NewestReviews(reviews, moved, lapsed, changes)
