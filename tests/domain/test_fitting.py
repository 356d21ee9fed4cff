"""Fitted parameters predict the answers of simulated learners better than the defaults."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, starmap
from uuid import UUID

import pytest
from fsrs_rs_python import FSRS, FSRSReview, MemoryState
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling.fitting import (
    DEFAULT_PARAMETERS,
    MIN_REVIEWS,
    FittedEntry,
    find_optimal_retention,
    fit,
    to_items,
)
from domain.scheduling.habits import Habits

STARTS_ON = date(2025, 1, 1)
DEFAULT_HABITS = Habits.from_answers(())
# A learner who remembers longer than the defaults expect, and whose lapses cost less.
LEARNER = (
    *(0.5, 1, 2, 20, 4, 0.8334, 0.5, 0.001, 2.6, 0.1666, 0.796, 0.5, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729, 0.5425),
    *(0.0912, 0.0658, 0.1),
)


def simulate(cards: int, seed: int) -> list[tuple[CardId, date, int]]:
    """The reviews of two years, by day: scheduled by the defaults, answered with the learner's probabilities."""
    learner, planned, chance = FSRS(LEARNER), FSRS(DEFAULT_PARAMETERS), random.Random(seed)
    reviews = []
    for number in range(cards):
        memory = plan = None
        elapsed, quality = 0, chance.choices([1, 3, 4, 5], [2, 1, 6, 1])[0]
        day = STARTS_ON + timedelta(days=chance.randint(0, 300))
        while day < STARTS_ON + timedelta(days=730):
            reviews.append((CardId(UUID(int=number)), day, quality))
            memory = review(learner, memory, quality, elapsed)
            plan = review(planned, plan, quality, elapsed)
            elapsed = max(1, round(plan.stability * chance.uniform(0.5, 1.6)))
            day += timedelta(days=elapsed)
            decay = -LEARNER[20]
            retrievability = (1 + (0.9 ** (1 / decay) - 1) * elapsed / memory.stability) ** decay
            recalled = chance.random() < retrievability
            quality = chance.choices([3, 4, 5], [1, 7, 1])[0] if recalled else 1
    return sorted(reviews, key=lambda review: review[1])


def review(model: FSRS, memory: MemoryState | None, quality: int, elapsed: int) -> MemoryState:
    states = model.next_states(memory, 0.9, elapsed)
    return {1: states.again, 3: states.hard, 4: states.good, 5: states.easy}[quality].memory


def entries(reviews: Iterable[tuple[CardId, date, int]]) -> list[FittedEntry]:
    return list(starmap(FittedEntry, reviews))


@pytest.mark.parametrize("seed", [1, 2])
def test_fit_is_better_than_the_defaults_by_five_percent(seed: int) -> None:
    fitted = fit(entries(simulate(400, seed)), ())
    assert fitted is not None
    assert fitted.is_improvement
    assert fitted.evaluation.log_loss < 0.95 * fitted.previous.log_loss
    assert len(fitted.parameters) == len(DEFAULT_PARAMETERS) == 21


def test_true_parameters_are_not_improved_by_much() -> None:
    fitted = fit(entries(simulate(400, 3)), LEARNER)
    assert fitted is not None
    assert fitted.evaluation.log_loss > 0.98 * fitted.previous.log_loss


def test_reviews_of_one_day_fit_nothing() -> None:
    assert fit([FittedEntry(CardId(UUID(int=1)), STARTS_ON, 4)] * 1_000, ()) is None
    assert fit([], ()) is None


def test_few_reviews_of_known_histories_fit_nothing() -> None:
    log = entries(simulate(400, 1))
    assert fit([entry._replace(is_after_others=True) for entry in log], ()) is None
    assert fit(log[: MIN_REVIEWS - 1], ()) is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from((1, 3, 4, 5, "RESET", "IMPORT"))), max_size=30
    ),
    st.integers(0, 30),
)
def test_histories_start_with_the_first_answer_to_a_new_card(steps: list[tuple[int, int, int | str]], cut: int) -> None:
    """Those of the newest entries are those of the whole log that start among them."""
    day, log = STARTS_ON, []
    for card, passed, step in steps:
        day += timedelta(days=passed)
        kind = None if isinstance(step, int) else ScheduleChangeKind(step)
        log.append(FittedEntry(CardId(UUID(int=card)), day, step if isinstance(step, int) else None, kind))
    earlier = {entry.card_id for entry in log[:cut] if entry.quality or entry.kind is ScheduleChangeKind.IMPORT}
    expected: list[str] = []
    used = 0
    for card_id in {entry.card_id for entry in log}:
        known: list[FittedEntry] | None = None if card_id in earlier else []
        for entry in log[cut:]:
            if entry.card_id != card_id:
                continue
            if entry.kind is not None:
                known = [] if entry.kind is ScheduleChangeKind.RESET else None
            elif known is not None:
                known.append(entry)
                used += 1
                days = [(after.day - before.day).days for before, after in pairwise(known)]
                if days and days[-1]:
                    ratings = [{1: 1, 3: 2, 4: 3, 5: 4}[one.quality or 0] for one in known]
                    expected.append(str(list(map(FSRSReview, ratings, [0, *days]))))
    newest = [entry._replace(is_after_others=entry.card_id in earlier) for entry in log[cut:]]
    items, found = to_items(newest)
    assert found == used
    assert sorted(str(item.reviews) for item in items) == sorted(expected)


def test_optimal_retention_is_in_the_range_of_the_setting() -> None:
    assert 0.69 < find_optimal_retention((), DEFAULT_HABITS) <= 0.97


def test_optimal_retention_depends_on_the_time_of_answers() -> None:
    """A learner who takes long to learn a forgotten word again saves time by forgetting less."""
    seconds = DEFAULT_HABITS.review_seconds
    slow = replace(DEFAULT_HABITS, review_seconds=(60, *seconds[1:]), learning_seconds=(60,) * 4)
    fast = replace(DEFAULT_HABITS, review_seconds=(2, *seconds[1:]), learning_seconds=(2,) * 4)
    assert find_optimal_retention((), slow) > find_optimal_retention((), fast) + 0.03
