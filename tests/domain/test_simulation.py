"""Simulated days agree with the scheduler, and depend on cards, retention and habits as they should."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from domain.enums import CardState, Scheduler, StudyQueue
from domain.ids import CardId
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm
from domain.scheduling.fitting import DEFAULT_PARAMETERS
from domain.scheduling.habits import AnswerStatistics, Habits
from domain.scheduling.simulation import (
    MAX_SIMULATED_CARDS,
    SimulatedDay,
    SimulationPlan,
    StudiedCard,
    simulate,
    to_memory,
)

FSRS = SchedulingSettings(Scheduler.FSRS)
DEFAULT_HABITS = Habits.from_answers(())
MONDAY = date(2026, 1, 5)


def cards_of(number: int, seed: int = 1) -> list[StudiedCard]:
    """In the order of their due days."""
    chance = random.Random(seed)
    cards = []
    for _ in range(number):
        stability = chance.lognormvariate(3, 1)
        interval, elapsed = max(1, int(stability)), int(chance.random() * stability)
        cards.append(StudiedCard(stability, chance.uniform(1, 10), interval, elapsed, max(0, interval - elapsed)))
    return sorted(cards, key=lambda card: card.due_in_days)


def run(
    cards: list[StudiedCard],
    days: int = 60,
    new: int = 0,
    retention: float = 0.9,
    habits: Habits = DEFAULT_HABITS,
    settings: SchedulingSettings = FSRS,
) -> list[SimulatedDay]:
    return simulate(cards, len(cards), SimulationPlan(days, new, retention), settings, habits)


def total(days: list[SimulatedDay]) -> float:
    return sum(day.answers for day in days)


def test_today_has_the_due_cards() -> None:
    cards = cards_of(300)
    due = sum(card.due_in_days == 0 for card in cards)
    assert due > 10
    assert run(cards, settings=replace(FSRS, relearning_steps=()))[0].answers == due


def test_nothing_comes_of_nothing() -> None:
    assert run([]) == [SimulatedDay()] * 60


def test_the_same_arguments_give_the_same_days() -> None:
    assert run(cards_of(100), new=5) == run(cards_of(100), new=5)


def test_retention_costs_reviews() -> None:
    cards = cards_of(400)
    rarely, often = (run(cards, 120, retention=retention) for retention in (0.75, 0.95))
    assert total(often) > 1.5 * total(rarely)
    assert often[-1].known > rarely[-1].known
    assert often[-1].known <= 400


def test_new_cards_are_learnt() -> None:
    days = run([], new=10)
    assert {day.new_cards for day in days} == {10}
    assert 500 < days[-1].known < 600
    assert all(before.known <= after.known for before, after in pairwise(days))


def test_minutes_are_those_of_the_learner() -> None:
    cards = cards_of(100)
    slow = replace(DEFAULT_HABITS, learning_seconds=(30.0,) * 4, review_seconds=(30.0,) * 4)
    for day in run(cards, habits=slow, new=2):
        assert day.seconds == pytest.approx(30 * day.answers)


def test_drawn_cards_stand_for_all() -> None:
    """A part of 10,000 cards gives the days of all within a few percent, and their sum within two."""
    cards = cards_of(10_000)
    plan = SimulationPlan(60, 20, 0.9)
    all_days = simulate(cards, len(cards), plan, FSRS, DEFAULT_HABITS)
    drawn = simulate(cards[:: len(cards) // MAX_SIMULATED_CARDS], len(cards), plan, FSRS, DEFAULT_HABITS)
    assert total(drawn) == pytest.approx(total(all_days), rel=0.02)
    for some, every in zip(drawn, all_days, strict=True):
        assert some.answers == pytest.approx(every.answers, rel=0.25)
        assert some.known == pytest.approx(every.known, rel=0.01)
    periods = [[sum(day.answers for day in days[n : n + 15]) for n in range(0, 60, 15)] for days in (drawn, all_days)]
    assert periods[0] == pytest.approx(periods[1], rel=0.05)


def test_many_new_cards_are_drawn() -> None:
    days = run([], 365, 9_999)
    assert days[0].new_cards == pytest.approx(9_999)
    assert total(days) > 365 * 9_999


def test_reviews_agree_with_the_scheduler() -> None:
    """The same cards, answered by the same chances with the learner's algorithm."""
    cards = cards_of(3_000, seed=2)
    without_steps = replace(FSRS, relearning_steps=())
    chance, scheduler = random.Random(3), algorithm(without_steps)
    decay = -DEFAULT_PARAMETERS[20]
    reviews = 0
    for number, card in enumerate(cards):
        card_id, last = CardId(UUID(int=number)), MONDAY - timedelta(days=card.elapsed_days)
        due = MONDAY + timedelta(days=card.due_in_days)
        schedule = Schedule(
            CardState.REVIEW,
            datetime.combine(due, time(), UTC),
            due_day=due,
            interval_days=card.interval_days or 0,
            stability=card.stability,
            difficulty=card.difficulty,
            repetitions=1,
            last_reviewed_day=last,
        )
        while schedule.due_day is not None and (schedule.due_day - MONDAY).days < 120:
            day = schedule.due_day
            assert schedule.stability is not None
            elapsed = schedule.elapsed_days(day)
            recall = (1 + (0.9 ** (1 / decay) - 1) * elapsed / schedule.stability) ** decay
            quality = chance.choices([3, 4, 5], DEFAULT_HABITS.recall_ratings)[0] if chance.random() < recall else 1
            reviews += 1
            answer = Answer(datetime.combine(day, time(12), UTC), "key", quality, day)
            schedule = scheduler.review(card_id, schedule, answer)
    assert total(run(cards, 120, settings=without_steps)) == pytest.approx(reviews, rel=0.06)


def test_cards_of_sm2_get_a_memory() -> None:
    stability, difficulty = to_memory(FSRS, 2.5, 30)
    assert stability == pytest.approx(30, rel=0.05)
    assert 1 <= difficulty <= 10
    assert to_memory(FSRS, 1.3, 0)[0] >= 0.5


def statistics(queue: StudyQueue, rating: int, answers: int, median_ms: float) -> AnswerStatistics:
    return AnswerStatistics(queue, rating, answers, answers, median_ms)


def test_habits_are_the_learners_own_with_enough_answers() -> None:
    found = Habits.from_answers(
        [
            statistics(StudyQueue.REVIEW, 0, 10, 1_000),
            statistics(StudyQueue.REVIEW, 2, 60, 3_000),
            statistics(StudyQueue.REVIEW, 3, 20, 2_000),
            statistics(StudyQueue.NEW, 2, 30, 5_000),
            statistics(StudyQueue.LEARNING, 2, 90, 4_000),
        ]
    )
    defaults = DEFAULT_HABITS
    assert found.review_seconds == (*defaults.review_seconds[:2], 3.0, 2.0)
    assert found.learning_seconds == (*defaults.learning_seconds[:2], 4.0, defaults.learning_seconds[3])
    assert found.recall_ratings == (0, 0.75, 0.25)
    assert found.first_ratings == (0, 0, 1, 0)
    assert Habits.from_answers([]) == defaults
