"""Intervals, due days and fuzz of FSRS. `test_fsrs_golden.py` has its memory states."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import CardState, Scheduler
from domain.ids import CardId
from domain.scheduling import Answer, DayLoads, Schedule, SchedulingSettings, algorithm, fold
from domain.scheduling.fuzz import fuzz_range

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
CARD_ID = CardId(UUID(int=7))
FSRS = SchedulingSettings(Scheduler.FSRS)

# Quality, and days until the next review as a multiple of the time until the card is due.
steps = st.lists(st.tuples(st.integers(0, 5), st.floats(0, 3)), min_size=1, max_size=12)


def review(
    schedule: Schedule, quality: int, at: datetime, chosen: SchedulingSettings = FSRS, due_day: date | None = None
) -> Schedule:
    answer = Answer(at, "key", quality, chosen.days.day_of(at), due_day)
    return algorithm(chosen).review(CARD_ID, schedule, answer)


def after(qualities: list[int], chosen: SchedulingSettings = FSRS, card_id: CardId = CARD_ID) -> list[Schedule]:
    """The card after each review, reviewed when it is due."""
    schedule, schedules = Schedule.initial(BEGAN), []
    for number, quality in enumerate(qualities):
        at = max(schedule.due_at, BEGAN)
        answer = Answer(at, str(number), quality, chosen.days.day_of(at))
        schedule = algorithm(chosen).review(card_id, schedule, answer)
        schedules.append(schedule)
    return schedules


@settings(max_examples=100, deadline=None)
@given(steps)
def test_due_days_are_ordered_by_quality(reviews: list[tuple[int, float]]) -> None:
    """Hard <= Good <= Easy, with fuzz, in every state; Good is not shorter than the time that has passed."""
    schedule, at = Schedule.initial(BEGAN), BEGAN
    for quality, share in reviews:
        hard, good, easy = (review(schedule, grade, at) for grade in (3, 4, 5))
        assert hard.due_at <= good.due_at <= easy.due_at
        assert hard.interval_days <= good.interval_days <= easy.interval_days
        if good.due_day and good.last_reviewed_day:
            elapsed = schedule.elapsed_days(good.last_reviewed_day)
            days = (good.due_day - good.last_reviewed_day).days
            assert days >= min(elapsed, good.interval_days)
        schedule = review(schedule, quality, at)
        at += timedelta(seconds=1) + (schedule.due_at - at) * share


@given(st.integers(1, 3_000), st.integers(0, 400))
def test_fuzz_range_grows_with_the_interval(interval: int, elapsed: int) -> None:
    shortest, longest = fuzz_range(interval, elapsed, 36_500)
    shortest_of_next, longest_of_next = fuzz_range(interval + 1, elapsed, 36_500)
    assert shortest <= shortest_of_next
    assert longest <= longest_of_next
    assert 1 <= shortest <= interval <= longest


@settings(max_examples=50, deadline=None)
@given(steps)
def test_replay_gives_the_same_card(reviews: list[tuple[int, float]]) -> None:
    answers = [
        Answer(at := BEGAN + timedelta(days=n), str(n), quality, FSRS.days.day_of(at))
        for n, (quality, _) in enumerate(reviews)
    ]
    folded = fold(algorithm(FSRS), CARD_ID, Schedule.initial(BEGAN), answers)
    assert fold(algorithm(FSRS), CARD_ID, Schedule.initial(BEGAN), reversed(answers)) == folded


def test_fuzz_spreads_cards_learnt_together() -> None:
    dues = {after([5, 4, 4, 4], card_id=CardId(UUID(int=number)))[-1].due_day for number in range(30)}
    assert len(dues) > 5


def test_stored_due_day_is_kept_within_the_range() -> None:
    learnt = after([5, 4, 4])[-1]
    at = learnt.due_at
    unfuzzed = review(learnt, 4, at, SchedulingSettings(Scheduler.FSRS, has_fuzz=False))
    assert unfuzzed.due_day
    day = FSRS.days.day_of(at)
    shortest, longest = fuzz_range(int(unfuzzed.interval_days), learnt.elapsed_days(day), 36_500)
    assert longest > shortest
    for days in (shortest, longest):
        assert review(learnt, 4, at, due_day=day + timedelta(days=days)).due_day == day + timedelta(days=days)
    seeded = review(learnt, 4, at)
    for days in (shortest - 1, longest + 1):
        assert review(learnt, 4, at, due_day=day + timedelta(days=days)) == seeded


def test_evening_review_is_due_when_the_day_starts() -> None:
    tokyo = SchedulingSettings(Scheduler.FSRS, time_zone="Asia/Tokyo", day_starts_at_hour=5, has_fuzz=False)
    learnt = review(Schedule.initial(BEGAN), 5, datetime(2026, 1, 1, 21, tzinfo=UTC), tokyo)
    assert learnt.last_reviewed_day == date(2026, 1, 2)
    assert learnt.due_day == date(2026, 1, 10)
    assert learnt.due_at == datetime(2026, 1, 9, 20, tzinfo=UTC)


def test_learning_steps_are_due_by_the_minute() -> None:
    learning = after([1, 4])
    assert [schedule.due_day for schedule in learning] == [None, None]
    assert learning[0].due_at == BEGAN + timedelta(minutes=1)
    assert learning[1].due_at == learning[0].due_at + timedelta(minutes=10)
    assert after([1, 4, 4])[-1].state is CardState.REVIEW


@pytest.mark.parametrize(
    ("chosen", "qualities", "minutes"),
    [((5,), [4], None), ((5,), [3], 7.5), ((), [1], None), ((1, 10, 60), [4, 4], 60), ((1, 10), [3], 5.5)],
)
def test_steps_are_settings(chosen: tuple[int, ...], qualities: list[int], minutes: float | None) -> None:
    settings = SchedulingSettings(Scheduler.FSRS, learning_steps=chosen)
    learnt = after(qualities, settings)[-1]
    assert (learnt.due_day is None) == (minutes is not None)
    if minutes is not None:
        assert learnt.interval_days == pytest.approx(minutes / 1_440)


def test_intervals_end_at_the_maximum() -> None:
    short = SchedulingSettings(Scheduler.FSRS, max_interval_days=30)
    longest = after([5] * 8, short)
    assert longest[-1].interval_days == 30
    assert all((b.due_at - a.due_at).days <= 30 for a, b in pairwise(longest))


def test_five_answers_within_a_second_stay_short() -> None:
    schedule = Schedule.initial(BEGAN)
    for number in range(5):
        schedule = review(schedule, 4, BEGAN + timedelta(milliseconds=number * 200))
    assert schedule.interval_days < 10


def test_higher_retention_shortens_intervals() -> None:
    often, rarely = (SchedulingSettings(Scheduler.FSRS, retention) for retention in (0.97, 0.7))
    assert after([5, 5, 5], often)[-1].interval_days < after([5, 5, 5], rarely)[-1].interval_days


def test_retrievability_is_the_retention_after_an_interval() -> None:
    """In ten-thousandths; the interval is rounded to days."""
    for retention in (0.8, 0.9, 0.95):
        chosen = SchedulingSettings(Scheduler.FSRS, retention, has_fuzz=False)
        schedule = after([4, 4, 4, 4, 4], chosen)[-1]
        assert schedule.last_reviewed_day is not None
        day = schedule.last_reviewed_day + timedelta(days=int(schedule.interval_days))
        predicted = algorithm(chosen).retrievability(schedule, day)
        assert predicted == pytest.approx(retention * 10_000, abs=20)


def test_retrievability_is_not_predicted_on_the_day_of_a_review_or_of_a_new_card() -> None:
    schedule = after([5])[-1]
    assert schedule.last_reviewed_day is not None
    assert algorithm(FSRS).retrievability(schedule, schedule.last_reviewed_day) is None
    tomorrow = schedule.last_reviewed_day + timedelta(days=1)
    assert algorithm(FSRS).retrievability(schedule, tomorrow) is not None
    assert algorithm(FSRS).retrievability(Schedule.initial(BEGAN), tomorrow) is None
    assert algorithm(SchedulingSettings(Scheduler.SM2)).retrievability(schedule, tomorrow) is None


def test_card_of_another_algorithm_is_initialised() -> None:
    of_sm2 = Schedule(CardState.REVIEW, BEGAN, interval_days=30, repetitions=4, last_reviewed_at=BEGAN)
    assert review(of_sm2, 4, BEGAN + timedelta(days=30)).stability is not None


def test_forgotten_card_is_relearned() -> None:
    states = after([5, 1])
    assert [state.state for state in states] == [CardState.REVIEW, CardState.RELEARNING]
    assert (states[1].lapses, states[1].repetitions) == (1, 0)
    assert states[1].due_at == states[0].due_at + timedelta(minutes=10)


def test_loads_spread_cards_over_the_range() -> None:
    """Sixty equal cards, one after another: no day of the range gets two more than another one."""
    learnt = after([5])[-1]
    at, loads = learnt.due_at, DayLoads({})
    answer = Answer(at, "key", 4, FSRS.days.day_of(at))
    counts = Counter(
        algorithm(FSRS).review(CardId(UUID(int=number)), learnt, answer, loads).due_day for number in range(60)
    )
    unfuzzed = review(learnt, 4, at, SchedulingSettings(Scheduler.FSRS, has_fuzz=False))
    shortest, longest = fuzz_range(int(unfuzzed.interval_days), learnt.elapsed_days(answer.day), 36_500)
    assert set(counts) == {answer.day + timedelta(days=days) for days in range(shortest, longest + 1)}
    assert max(counts.values()) - min(counts.values()) <= 1


def test_full_day_is_avoided() -> None:
    learnt = after([5])[-1]
    at = learnt.due_at
    seeded = review(learnt, 4, at)
    assert seeded.due_day
    answer = Answer(at, "key", 4, FSRS.days.day_of(at))
    balanced = algorithm(FSRS).review(CARD_ID, learnt, answer, DayLoads({seeded.due_day: 100}))
    assert balanced.due_day
    assert balanced.due_day != seeded.due_day
    assert balanced.interval_days == seeded.interval_days
    # The stored day is kept, whatever the load is later.
    again = answer._replace(due_day=balanced.due_day)
    assert algorithm(FSRS).review(CARD_ID, learnt, again, DayLoads({balanced.due_day: 100})) == balanced
