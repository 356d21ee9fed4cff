"""Simulates the next days of a learner with FSRS: answers, minutes, and what they will know."""

import random
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS, MemoryState, NextStates, default_simulator_config

from domain.scheduling.forgetting_curve import ForgettingCurve
from domain.scheduling.fuzz import fuzz_range
from domain.scheduling.habits import Habits
from domain.scheduling.intervals import AGAIN, EASY, GOOD, STATES, whole_days
from domain.scheduling.settings import SchedulingSettings

MAX_SIMULATED_DAYS = 365
# Of more cards this number is drawn evenly, and each counts as several.
MAX_SIMULATED_CARDS = 4_000

# Which SM-2 has on average.
_RETENTION_OF_SM2 = 0.9

# The number of days for which is computed what is known; between them it changes evenly.
_KNOWN_DAYS = 60
# A card that is answered more often in its steps waits for another day.
_MAX_STEPS = 20
# The shares of the next rating in steps, by the rating before it; nothing follows Easy. As of most learners.
_LEARNING, _RELEARNING = (
    [list(accumulate(shares)) for shares in transitions]
    for transitions in (
        default_simulator_config().learning_step_transitions,
        default_simulator_config().relearning_step_transitions,
    )
)


@dataclass(frozen=True, slots=True)
class StudiedCard:
    """A reviewed card.

    `interval_days`: None in learning steps. `elapsed_days`: since its last review. `due_in_days`: 0 if it is overdue.
    """

    stability: float
    difficulty: float
    interval_days: int | None
    elapsed_days: int
    due_in_days: int


@dataclass(frozen=True, slots=True)
class SimulationPlan:
    """The arguments of a simulation. `retention`: at which cards become due."""

    days: int
    new_cards_per_day: int
    retention: float


@dataclass(slots=True)
class SimulatedDay:
    """`answers`: with those in learning steps. `known`: how many of the reviewed cards would be recalled."""

    answers: float = 0.0
    new_cards: float = 0.0
    seconds: float = 0.0
    known: float = 0.0


def simulate(
    cards: Sequence[StudiedCard], total: int, plan: SimulationPlan, settings: SchedulingSettings, habits: Habits
) -> list[SimulatedDay]:
    """The next days, today first. `cards`: of the learner's `total` reviewed cards, drawn evenly.

    Every card is answered on its due day. The same arguments give the same days.
    """
    simulation = _Simulation(plan, settings, habits)
    for card in cards:
        simulation.study(card, total / len(cards))
    new = min(plan.new_cards_per_day, max(1, MAX_SIMULATED_CARDS // plan.days))
    for day in range(plan.days):
        for _ in range(new):
            simulation.introduce(day, plan.new_cards_per_day / new)
    return simulation.finish()


@lru_cache(maxsize=64)
def _model(parameters: tuple[float, ...]) -> FSRS:
    return FSRS(parameters or DEFAULT_PARAMETERS)


def to_memory(settings: SchedulingSettings, ease_factor: float, interval_days: float) -> tuple[float, float]:
    """The stability and the difficulty that FSRS assumes for a card of SM-2."""
    model = _model(settings.parameters)
    memory = model.memory_state_from_sm2(ease_factor, max(interval_days, 1.0), _RETENTION_OF_SM2)
    return memory.stability, memory.difficulty


class _Simulation:
    """`weight`: as how many cards a card counts."""

    def __init__(self, plan: SimulationPlan, settings: SchedulingSettings, habits: Habits) -> None:
        self._model = _model(settings.parameters)
        self._chance = random.Random(1)  # noqa: S311  # not for cryptography
        self._plan, self._settings, self._habits = plan, settings, habits
        self._first_ratings = list(accumulate(habits.first_ratings))
        self._recall_ratings = list(accumulate(habits.recall_ratings))
        self._days = [SimulatedDay() for _ in range(plan.days)]
        self._known_days = sorted({*range(0, plan.days, max(1, plan.days // _KNOWN_DAYS)), plan.days - 1})
        self._curve = ForgettingCurve(settings.parameters or DEFAULT_PARAMETERS)

    def study(self, card: StudiedCard, weight: float) -> None:
        memory = MemoryState(card.stability, card.difficulty)
        self._review(memory, card.interval_days, -card.elapsed_days, card.due_in_days, weight)

    def introduce(self, day: int, weight: float) -> None:
        self._days[day].new_cards += weight
        rating = self._choose(self._first_ratings)
        states = self._model.next_states(None, self._plan.retention, 0)
        self._answer(day, self._habits.learning_seconds[rating], weight)
        steps = len(self._settings.learning_steps)
        states, rating = self._take_steps(day, states, rating, steps, _LEARNING, weight)
        interval = whole_days(states, rating, None, self._settings.max_interval_days)
        self._review(STATES[rating](states).memory, interval, day, day + self._fuzzed(interval, rating, 0), weight)

    def finish(self) -> list[SimulatedDay]:
        for first, last in pairwise(self._known_days):
            before, after = self._days[first].known, self._days[last].known
            for day in range(first + 1, last):
                self._days[day].known = before + (after - before) * (day - first) / (last - first)
        return self._days

    def _review(self, memory: MemoryState, interval: int | None, last: int, due: int, weight: float) -> None:
        """The reviews of a card that was reviewed on the day `last` and is due on the day `due`."""
        steps = len(self._settings.relearning_steps)
        self._know(memory.stability, last, due, weight)
        while due < self._plan.days:
            elapsed = due - last
            rating = AGAIN
            if self._chance.random() < self._curve.recall(elapsed, memory.stability):
                rating = 1 + self._choose(self._recall_ratings)
            states = self._model.next_states(memory, self._plan.retention, elapsed)
            self._answer(due, self._habits.review_seconds[rating], weight)
            if rating == AGAIN and steps:
                states, rating = self._take_steps(due, states, rating, steps, _RELEARNING, weight)
                interval, elapsed = None, 0
            interval = whole_days(states, rating, interval, self._settings.max_interval_days)
            memory = STATES[rating](states).memory
            last, due = due, due + self._fuzzed(interval, rating, elapsed)
            self._know(memory.stability, last, due, weight)

    def _take_steps(
        self, day: int, states: NextStates, rating: int, steps: int, transitions: list[list[float]], weight: float
    ) -> tuple[NextStates, int]:
        """The answers in learning steps, until the card is in review. Returns the last rating, and the states before.

        `rating`: that before the first step.
        """
        step = 0
        for _ in range(_MAX_STEPS):
            step = 0 if rating == AGAIN else step + (rating == GOOD)
            if rating == EASY or step >= steps:
                break
            states = self._model.next_states(STATES[rating](states).memory, self._plan.retention, 0)
            rating = self._choose(transitions[rating])
            self._answer(day, self._habits.learning_seconds[rating], weight)
        return states, rating

    def _fuzzed(self, interval: int, rating: int, elapsed: int) -> int:
        if rating == AGAIN:
            return interval
        shortest, longest = fuzz_range(interval, elapsed, self._settings.max_interval_days)
        return shortest + int(self._chance.random() * (longest - shortest + 1))

    def _answer(self, day: int, seconds: float, weight: float) -> None:
        self._days[day].answers += weight
        self._days[day].seconds += seconds * weight

    def _know(self, stability: float, first: int, end: int, weight: float) -> None:
        """Add to what is known from the day `first` on, which is that of a review, before the day `end`."""
        days, known = self._days, self._known_days
        for index in range(bisect(known, first - 1), len(known)):
            day = known[index]
            if day >= end:
                break
            days[day].known += weight * self._curve.recall(day - first, stability)

    def _choose(self, ends: list[float]) -> int:
        """An index by its share; `ends`: the sums of the shares."""
        return min(bisect(ends, self._chance.random() * ends[-1]), len(ends) - 1)
