"""The card and the daily totals do not depend on the order, batches and duplicates in which reviews arrive."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import CardState, ScheduleChangeKind, Scheduler
from domain.ids import CardId
from domain.reviews import DailyTotalsDelta, LoggedReview, apply_reviews, is_out_of_order, revert_reviews
from domain.scheduling import (
    Answer,
    DayLoads,
    LogEntry,
    Schedule,
    ScheduleChange,
    SchedulingAlgorithm,
    SchedulingSettings,
    algorithm,
    fold,
    replay,
)

CARD = CardId(UUID(int=11))
CREATED = datetime(2026, 1, 1, tzinfo=UTC)
ALGORITHMS = {scheduler: algorithm(SchedulingSettings(scheduler)) for scheduler in Scheduler}
DAYS = ALGORITHMS[Scheduler.SM2].days

# Few distinct minutes and keys, so that timestamps coincide.
moments = st.integers(0, 60).map(lambda hours: CREATED + timedelta(hours=hours * 13))
keys = st.text("abc", min_size=1, max_size=3)
days = st.integers(0, 90).map(lambda number: CREATED.date() + timedelta(days=number))
answers = st.builds(
    lambda at, key, quality, due_day: Answer(at, key, quality, DAYS.day_of(at), due_day),
    moments,
    keys,
    st.integers(0, 5),
    st.none() | days,
)
changes = st.builds(
    lambda at, key, kind, due_day, number: ScheduleChange(at, "change " + key, kind, DAYS.day_of(at), due_day, number),
    moments,
    keys,
    st.sampled_from(ScheduleChangeKind),
    days,
    st.integers(0, 30),
)
logs = st.lists(answers, min_size=1, max_size=14, unique_by=lambda answer: answer.idempotency_key)


class Card:
    """A card and its reviews, as stored in the database."""

    def __init__(self, chosen: SchedulingAlgorithm, changes: list[ScheduleChange]) -> None:
        self.chosen = chosen
        self.changes = changes
        self.schedule = fold(chosen, CARD, Schedule.initial(CREATED), changes)
        self.log: dict[str, Answer] = {}
        self.days: Counter[tuple[date, str]] = Counter()

    def arrive(self, batch: list[Answer]) -> None:
        """Saves the new reviews of a batch."""
        added = [LoggedReview(answer, 1_000) for answer in batch if answer.idempotency_key not in self.log]
        if not added:
            return
        # Entries of all cards have no time in the card.
        times = [change.changed_at for change in self.changes if change.kind is ScheduleChangeKind.VACATION]
        times += [at for at in (self.schedule.last_entry_at,) if at is not None]
        late = is_out_of_order(max(times, default=None), added)
        logged = self.entries() if late else []
        start = Schedule.initial(CREATED) if late else self.schedule
        # As in the database, the due days that are chosen for the added reviews are stored.
        after = apply_reviews(self.chosen, CARD, start, logged, added, DayLoads({}))
        assert set(after.intervals) == {review.answer.idempotency_key for review in added}
        self.schedule = after.schedule
        for review in added:
            key = review.answer.idempotency_key
            self.log[key] = review.answer._replace(due_day=after.intervals[key].due_day)
        self.count(after.changes)

    def entries(self) -> list[LogEntry]:
        return [*self.log.values(), *self.changes]

    def undo(self, number: int) -> None:
        """Reverts the newest reviews."""
        newest_first = sorted(self.log.values(), key=lambda answer: (answer.answered_at, answer.idempotency_key))[::-1]
        removed = newest_first[:number]
        self.count(revert_reviews(self.entries(), [LoggedReview(answer, 1_000) for answer in removed]))
        for answer in removed:
            del self.log[answer.idempotency_key]
        self.schedule = fold(self.chosen, CARD, Schedule.initial(CREATED), self.entries())

    def count(self, changes: list[DailyTotalsDelta]) -> None:
        for change in changes:
            for name in ("reviews", "recalled", "new_cards", "duration_ms"):
                self.days[change.day, name] += getattr(change, name)

    def totals(self) -> dict[tuple[date, str], int]:
        return {key: number for key, number in self.days.items() if number}

    def check(self) -> None:
        """Compares with a recomputation from the reviews alone."""
        expected: Counter[tuple[date, str]] = Counter()
        for answer in self.log.values():
            expected[answer.day, "reviews"] += 1
            expected[answer.day, "recalled"] += answer.quality >= 3
            expected[answer.day, "duration_ms"] += 1_000
        schedule = Schedule.initial(CREATED)
        for entry, after in replay(self.chosen, CARD, schedule, self.entries()):
            if isinstance(entry, Answer) and schedule.state is CardState.NEW:
                expected[entry.day, "new_cards"] += 1
            schedule = after
        assert self.totals() == {key: number for key, number in expected.items() if number}
        assert self.schedule == fold(self.chosen, CARD, Schedule.initial(CREATED), self.entries())


@pytest.mark.parametrize("scheduler", Scheduler)
@settings(max_examples=150, deadline=None)
@given(log=logs, changes=st.lists(changes, max_size=4), data=st.data())
def test_any_order_and_any_duplication_gives_the_same_card(
    scheduler: Scheduler, log: list[Answer], changes: list[ScheduleChange], data: st.DataObject
) -> None:
    card = Card(ALGORITHMS[scheduler], changes)
    arriving = data.draw(st.permutations(log)) + data.draw(st.lists(st.sampled_from(log), max_size=10))
    while arriving:
        size = data.draw(st.integers(1, len(arriving)))
        batch, arriving = arriving[:size], arriving[size:]
        card.arrive(list({answer.idempotency_key: answer for answer in batch}.values()))
        card.check()
    assert len(card.log) == len(log)


@pytest.mark.parametrize("scheduler", Scheduler)
@settings(max_examples=100, deadline=None)
@given(log=logs, changes=st.lists(changes, max_size=4), number=st.integers(1, 14))
def test_undone_review_has_no_effect(
    scheduler: Scheduler, log: list[Answer], changes: list[ScheduleChange], number: int
) -> None:
    card = Card(ALGORITHMS[scheduler], changes)
    card.arrive(log)
    card.undo(number)
    card.check()
    card.arrive(log)
    card.check()


@pytest.mark.parametrize("scheduler", Scheduler)
@settings(max_examples=150, deadline=None)
@given(log=logs)
def test_intervals_are_positive_and_finite(scheduler: Scheduler, log: list[Answer]) -> None:
    card = Card(ALGORITHMS[scheduler], [])
    for answer in log:
        card.arrive([answer])
        schedule = card.schedule
        assert schedule.interval_days > 0
        assert isfinite(schedule.interval_days)
        assert schedule.ease_factor >= 1.3
        assert schedule.last_reviewed_at
        assert schedule.due_at > schedule.last_reviewed_at
        if schedule.due_day:
            assert schedule.due_at == DAYS.start_of(schedule.due_day)
            assert schedule.last_reviewed_day
            assert schedule.due_day > schedule.last_reviewed_day
        assert schedule.state is not CardState.NEW
        if scheduler is Scheduler.FSRS:
            assert schedule.stability
            assert isfinite(schedule.stability)
            assert 1 <= (schedule.difficulty or 0) <= 10


@settings(max_examples=100, deadline=None)
@given(log=logs)
def test_another_algorithm_and_back_gives_the_same_card(log: list[Answer]) -> None:
    """No state of the previous algorithm remains: the card is recomputed from its first review."""
    new = Schedule.initial(CREATED)
    first = fold(ALGORITHMS[Scheduler.SM2], CARD, new, log)
    assert fold(ALGORITHMS[Scheduler.FSRS], CARD, new, log) != first
    assert fold(ALGORITHMS[Scheduler.SM2], CARD, new, log) == first


@pytest.mark.parametrize("scheduler", Scheduler)
def test_card_without_reviews_is_not_rescheduled(scheduler: Scheduler) -> None:
    assert fold(ALGORITHMS[scheduler], CARD, Schedule.initial(CREATED), []) == Schedule.initial(CREATED)
