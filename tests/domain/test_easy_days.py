"""Due days avoid easy days within the range of their intervals."""

import random
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import CardState, Scheduler
from domain.ids import CardId
from domain.scheduling import Answer, DayLoads, Schedule, SchedulingSettings, algorithm, fold
from domain.scheduling.days import StudyDays
from domain.scheduling.load import BALANCED_DAYS, NO_EASY_DAYS, spread

MONDAY = date(2026, 1, 5)
SUNDAY = 6
shares = st.lists(st.sampled_from([0.0, 0.1, 0.5, 1.0]), min_size=7, max_size=7).map(tuple)


def settings_of(easy_days: tuple[float, ...], scheduler: Scheduler = Scheduler.FSRS) -> SchedulingSettings:
    return SchedulingSettings(scheduler, easy_days=easy_days)


def sunday_share(share: float, scheduler: Scheduler = Scheduler.FSRS) -> float:
    """The share of a year's reviews on Sundays: 3 new cards a day, answered on their due days."""
    chosen = settings_of((*NO_EASY_DAYS[:SUNDAY], share), scheduler)
    algorithm_, chance = algorithm(chosen), random.Random(1)
    due: dict[date, list[tuple[CardId, Schedule]]] = {}
    reviews: Counter[int] = Counter()
    for number in range(365):
        day = MONDAY + timedelta(days=number)
        at = datetime.combine(day, time(12), UTC)
        new = [(CardId(UUID(int=number * 3 + n)), Schedule.initial(at)) for n in range(3)]
        loads = DayLoads({day: len(cards) for day, cards in due.items()})
        for card_id, schedule in (*due.pop(day, ()), *new):
            if schedule.state is not CardState.NEW:
                reviews[day.weekday()] += 1
            quality = 5 if schedule.state is CardState.NEW else chance.choices([1, 3, 4, 5], [8, 10, 72, 10])[0]
            answer = Answer(at, str(day), quality, day)
            after = algorithm_.review(card_id, schedule, answer, loads)
            # In relearning steps, the card is answered again on the same day.
            while after.due_day is None:
                after = algorithm_.review(card_id, after, Answer(at, str(day), 4, day), loads)
            due.setdefault(after.due_day, []).append((card_id, after))
    return reviews[SUNDAY] / reviews.total()


@pytest.mark.parametrize("share", [1.0, 0.5, 0.25])
def test_a_year_has_the_share_of_an_easy_day(share: float) -> None:
    assert sunday_share(share) == pytest.approx(share / (6 + share), rel=0.15)


@pytest.mark.parametrize(("share", "expected"), [(1.0, 0.144), (0.5, 0.1), (0.0, 0.051)])
def test_sm2_knows_easy_days(share: float, expected: float) -> None:
    """Intervals of one day, of which it has more, have no range."""
    assert sunday_share(share, Scheduler.SM2) == pytest.approx(expected, abs=0.005)


def test_sm2_gives_the_day_of_the_formula_without_easy_days() -> None:
    """A stored day counts with easy days only: without them, a late review moves the day with the interval."""
    at = datetime.combine(MONDAY, time(12), UTC)
    card_id, stored = CardId(UUID(int=7)), Answer(at, "key", 4, MONDAY, MONDAY + timedelta(days=7))
    before = Schedule(CardState.LEARNING, at, MONDAY, 1.0, repetitions=1, last_reviewed_day=MONDAY - timedelta(days=1))
    for easy_days, due_in_days in ((NO_EASY_DAYS, 6), ((*NO_EASY_DAYS[:SUNDAY], 0.0), 7)):
        chosen = algorithm(settings_of(easy_days, Scheduler.SM2))
        after = chosen.review(card_id, before, stored, DayLoads({}))
        assert (after.interval_days, after.due_day) == (6, MONDAY + timedelta(days=due_in_days))
    # The day of the formula is a Sunday.
    after = chosen.review(card_id, before, stored._replace(due_day=None), DayLoads({MONDAY + timedelta(days=5): 1}))
    assert after.due_day == MONDAY + timedelta(days=7)


def test_a_day_without_reviews_has_only_those_without_a_choice() -> None:
    """Intervals of one and two days have no range."""
    assert 0 < sunday_share(0.0) < 0.02


loads_of_days = st.dictionaries(st.integers(1, BALANCED_DAYS), st.integers(0, 30), max_size=BALANCED_DAYS)


@settings(max_examples=80, deadline=None)
@given(st.integers(), shares, loads_of_days, st.floats(1, 200), st.floats(1, 10))
def test_due_days_are_ordered_by_quality(
    seed: int, easy_days: tuple[float, ...], due: dict[int, int], stability: float, difficulty: float
) -> None:
    """Hard <= Good <= Easy with the same loads, also where ranges reach over the end of the balanced days."""
    chance = random.Random(seed)
    today = MONDAY + timedelta(days=chance.randint(0, 6))
    at = datetime.combine(today, time(12), UTC)
    elapsed = chance.randint(1, int(2 * stability))
    before = Schedule(
        CardState.REVIEW,
        at,
        due_day=today,
        interval_days=max(1, round(stability)),
        stability=stability,
        difficulty=difficulty,
        repetitions=3,
        last_reviewed_day=today - timedelta(days=elapsed),
    )
    card_id = CardId(UUID(int=chance.getrandbits(128)))
    days = []
    for quality in (3, 4, 5):
        loads = DayLoads({today + timedelta(days=after): cards for after, cards in due.items()})
        after = algorithm(settings_of(easy_days)).review(card_id, before, Answer(at, "key", quality, today), loads)
        assert after.due_day is not None
        days.append(after.due_day)
        # The chosen day is stored with the entry: a replay keeps it, whatever the loads and easy days are then.
        stored = Answer(at, "key", quality, today, after.due_day)
        assert algorithm(settings_of(NO_EASY_DAYS)).review(card_id, before, stored, DayLoads({})) == after
    assert days == sorted(days)


@given(st.integers(1, 400), st.integers(0, 60), st.floats(0, 1, exclude_max=True), shares)
def test_spread_is_in_the_range_and_on_a_day_with_a_share(
    shortest: int, size: int, position: float, easy_days: tuple[float, ...]
) -> None:
    after = spread(MONDAY, shortest, shortest + size, position, easy_days)
    assert shortest <= after <= shortest + size
    weekdays = {(MONDAY + timedelta(days=days)).weekday() for days in range(shortest, shortest + size + 1)}
    if any(easy_days[weekday] for weekday in weekdays):
        assert easy_days[(MONDAY + timedelta(days=after)).weekday()] > 0


@given(st.integers(1, 400), st.integers(0, 60), st.floats(0, 1, exclude_max=True))
def test_equal_days_are_equally_wide(shortest: int, size: int, position: float) -> None:
    assert spread(MONDAY, shortest, shortest + size, position, NO_EASY_DAYS) == shortest + int(position * (size + 1))


def test_easy_days_do_not_move_a_replayed_card() -> None:
    """A replay without a stored day depends on the card only."""
    easy = settings_of((1, 1, 1, 1, 1, 0, 0))
    at = datetime.combine(MONDAY, time(12), UTC)
    answers = [Answer(at + timedelta(days=30 * n), str(n), 4, MONDAY + timedelta(days=30 * n)) for n in range(5)]
    folds = [
        fold(algorithm(chosen), CardId(UUID(int=7)), Schedule.initial(at), answers)
        for chosen in (easy, settings_of(NO_EASY_DAYS))
    ]
    assert folds[0] == folds[1]


def test_loads_of_times_are_those_of_their_days() -> None:
    # Daylight saving of Santiago skips and repeats midnight; in 2026 it ends on April 5th.
    days = StudyDays("America/Santiago", 0)
    now = datetime(2026, 3, 1, 12, 34, tzinfo=UTC)
    times = [now + timedelta(minutes=17 * number) for number in range(7_700)]
    found = DayLoads.at(((int(at.timestamp()), 2) for at in times), days, days.day_of(now))
    expected = Counter(days.day_of(at) for at in times for _ in range(2))
    assert len(expected) == 92
    assert vars(found) == vars(DayLoads(expected))
