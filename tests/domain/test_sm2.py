"""SM-2, including the three points in which implementations differ."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enums import CardState, Scheduler
from domain.ids import CardId
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm, fold
from domain.scheduling.settings import MAX_INTERVAL_DAYS

CARD = CardId(UUID(int=1))
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SM2 = algorithm(SchedulingSettings(Scheduler.SM2))


def answer(at: datetime, quality: int) -> Answer:
    return Answer(at, "key", quality, SM2.days.day_of(at))


def after(*qualities: int) -> Schedule:
    """A new card reviewed on its due days."""
    return history(*qualities)[-1]


def history(*qualities: int) -> list[Schedule]:
    schedules = [Schedule.initial(START)]
    for quality in qualities:
        last = schedules[-1]
        schedules.append(SM2.review(CARD, last, answer(max(last.due_at, START), quality)))
    return schedules


def after_days(*reviews: tuple[float, int]) -> Schedule:
    """A new card reviewed with these qualities, each N days after START."""
    schedule = Schedule.initial(START)
    for days, quality in reviews:
        schedule = SM2.review(CARD, schedule, answer(START + timedelta(days=days), quality))
    return schedule


@pytest.mark.parametrize(("quality", "ease_factor"), [(3, 2.36), (4, 2.5), (5, 2.6)])
def test_recall_changes_the_ease_factor(quality: int, ease_factor: float) -> None:
    assert after(quality).ease_factor == ease_factor


@pytest.mark.parametrize("quality", [0, 1, 2])
def test_lapse_keeps_the_ease_factor(quality: int) -> None:
    assert after(3, quality).ease_factor == after(3).ease_factor == 2.36


def test_ease_factor_has_a_minimum() -> None:
    assert after(*[3] * 20).ease_factor == 1.3


def test_first_intervals_are_one_and_six_days() -> None:
    assert [schedule.interval_days for schedule in history(4, 4)] == [0, 1, 6]


def test_interval_uses_the_ease_factor_before_the_review() -> None:
    # 6 days times 2.22; with the factor after the review, 2.08, it would be 13.
    assert after(3, 3, 3).interval_days == 14


def test_intervals_are_rounded_up() -> None:
    # 6 days times 2.36 is 14.16.
    assert after(4, 3, 4).interval_days == 15


def test_whole_days_are_not_rounded_up() -> None:
    assert [schedule.interval_days for schedule in history(4, 4, 4, 4)] == [0, 1, 6, 15, 38]


@pytest.mark.parametrize("quality", [0, 1, 2])
def test_lapse_restarts_the_card(quality: int) -> None:
    forgotten = after(4, 4, 4, quality)
    assert (forgotten.interval_days, forgotten.repetitions) == (1, 0)
    assert after(4, 4, 4, quality, 4, 4).interval_days == 6


def test_states_and_lapses() -> None:
    schedules = history(4, 2, 4, 4, 1, 0, 5, 4)
    assert [schedule.state.value for schedule in schedules] == [
        *("NEW", "LEARNING", "LEARNING", "LEARNING", "REVIEW"),
        *("RELEARNING", "RELEARNING", "RELEARNING", "REVIEW"),
    ]
    # Only a learnt card can lapse.
    assert [schedule.lapses for schedule in schedules] == [0, 0, 0, 0, 0, 1, 1, 1, 1]


def test_card_is_due_when_its_day_starts() -> None:
    last = after_days((0, 4), (1.3, 4))
    assert (last.last_reviewed_day, last.due_day) == (date(2026, 1, 2), date(2026, 1, 8))
    assert last.due_at == datetime(2026, 1, 8, 4, tzinfo=UTC)


def test_second_success_on_a_day_changes_nothing() -> None:
    once = after_days((0, 4))
    second = timedelta(seconds=1) / timedelta(days=1)
    five = after_days(*((number * second, 4) for number in range(5)))
    assert (five.interval_days, five.due_day, five.repetitions) == (1, once.due_day, 1)
    assert after_days((0, 4), (1, 4), (1.1, 5)).ease_factor == after_days((0, 4), (1, 4)).ease_factor


def test_lapse_counts_on_any_day() -> None:
    forgotten = after_days((0, 4), (1, 4), (1.1, 1))
    assert (forgotten.interval_days, forgotten.repetitions, forgotten.lapses) == (1, 0, 1)


@pytest.mark.parametrize(("days", "interval"), [(0, 6), (2, 9), (3, 11), (6, 15), (30, 15)])
def test_early_review_lengthens_the_interval_by_the_share_that_has_passed(days: int, interval: int) -> None:
    # The interval of 6 days would become 15.
    assert after_days((0, 4), (1, 4), (1 + days, 4)).interval_days == interval


def test_intervals_end_at_a_hundred_years() -> None:
    assert after(*[5] * 40).interval_days == MAX_INTERVAL_DAYS


@given(
    interval=st.one_of(st.just(0.0), st.floats(0, MAX_INTERVAL_DAYS, allow_subnormal=True)),
    ease_factor=st.floats(1.3, 10),
    repetitions=st.integers(0, 50),
    last_days_ago=st.none() | st.integers(1, 1_000),
    due_in_days=st.none() | st.integers(-1_000, 1_000),
    quality=st.integers(0, 5),
)
def test_any_stored_schedule_gets_an_interval_of_a_day_or_more(
    interval: float,
    ease_factor: float,
    repetitions: int,
    last_days_ago: int | None,
    due_in_days: int | None,
    quality: int,
) -> None:
    # An import may have any interval, also none, with any due day.
    today = START.date()
    due_day = None if due_in_days is None else today + timedelta(days=due_in_days)
    last_day = None if last_days_ago is None else today - timedelta(days=last_days_ago)
    schedule = Schedule(
        CardState.REVIEW, START, due_day, interval, ease_factor, repetitions=repetitions, last_reviewed_day=last_day
    )
    following = SM2.review(CARD, schedule, answer(START, quality))
    assert 1 <= following.interval_days <= MAX_INTERVAL_DAYS
    assert following.due_day
    assert following.due_day > today


def test_reviews_are_ordered_by_time_and_key() -> None:
    day, next_day = START.date(), START.date() + timedelta(days=1)
    answers = [
        Answer(START, "a", 4, day),
        Answer(START, "b", 1, day),
        Answer(START + timedelta(days=1), "0", 5, next_day),
    ]
    expected = fold(SM2, CARD, Schedule.initial(START), answers)
    assert fold(SM2, CARD, Schedule.initial(START), reversed(answers)) == expected
    assert (expected.repetitions, expected.ease_factor, expected.state) == (1, 2.6, CardState.LEARNING)


@given(st.lists(st.integers(0, 5), max_size=12))
def test_sm2_equals_the_formula_in_exact_arithmetic(qualities: list[int]) -> None:
    ease_factor, interval, repetitions = Fraction(5, 2), 0, 0
    for quality, (_, schedule) in zip(qualities, pairwise(history(*qualities)), strict=True):
        repetitions = repetitions + 1 if quality >= 3 else 0
        interval = {0: 1, 1: 1, 2: 6}.get(repetitions) or min(ceil(interval * ease_factor), MAX_INTERVAL_DAYS)
        if quality >= 3:
            change = Fraction(-80 + 28 * quality - 2 * quality * quality, 100)
            ease_factor = max(Fraction(13, 10), ease_factor + change)
        assert schedule.interval_days == interval
        assert schedule.ease_factor == pytest.approx(float(ease_factor), abs=1e-9)
