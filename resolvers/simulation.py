"""Resolver of simulations."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import strawberry

from common.executors import COMPUTING, run_in
from db.queries.simulation import StudiedCardRow, answer_statistics, drawn_cards
from db.queries.users import StudySettingsRow
from domain.ranges import check_range
from domain.rate_limits import SIMULATIONS
from domain.scheduling.habits import MAX_ANSWERS, Habits
from domain.scheduling.simulation import (
    MAX_SIMULATED_CARDS,
    MAX_SIMULATED_DAYS,
    SimulatedDay,
    SimulationPlan,
    StudiedCard,
    to_memory,
)
from domain.scheduling.simulation import (
    simulate as simulate_days,
)
from domain.study_settings import MAX_CARDS_A_DAY, MAX_RETENTION, MIN_RETENTION
from resolvers.arguments import validate_days
from resolvers.context import Info
from resolvers.rate_limits import declare_rate_limit
from resolvers.scheduling import Scheduling

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class SimulatedStudyDay:
    """A day, with whole numbers of reviews and cards."""

    date: date
    reviews: int
    new_cards: int
    minutes: float
    known: int


@declare_rate_limit(SIMULATIONS)
async def simulate(
    parent: strawberry.Parent[Scheduling],
    info: Info,
    days: int | None = DEFAULT_DAYS,
    new_per_day: int | None = None,
    retention: float | None = None,
) -> list[SimulatedStudyDay]:
    """Two statements; the simulation runs in a thread. Raises BadUserInput for an argument outside its range."""
    settings, context = parent.settings, info.context
    plan = SimulationPlan(
        validate_days(days, default=DEFAULT_DAYS, maximum=MAX_SIMULATED_DAYS),
        settings.new_cards_per_day if new_per_day is None else new_per_day,
        settings.desired_retention if retention is None else retention,
    )
    check_range("newPerDay", plan.new_cards_per_day, 0, MAX_CARDS_A_DAY)
    check_range("retention", plan.retention, MIN_RETENTION, MAX_RETENTION)
    await context.services.rate_limits.acquire(SIMULATIONS, context.require_viewer().client_id)
    viewer_id = settings.user_id
    cards = await context.reads.rows(drawn_cards, viewer_id=viewer_id, most=MAX_SIMULATED_CARDS)
    answers = await context.reads.rows(answer_statistics, viewer_id=viewer_id, most=MAX_ANSWERS)
    habits = Habits.from_answers(row.statistics for row in answers)
    today = settings.algorithm.days.day_of(context.now)

    def run() -> list[SimulatedDay]:
        drawn = list(_studied_cards(cards, settings, today))
        return simulate_days(drawn, cards[0].total if cards else 0, plan, settings.scheduling, habits)

    simulated = await run_in(COMPUTING, run)
    return [
        SimulatedStudyDay(
            today + timedelta(days=number),
            round(day.answers),
            round(day.new_cards),
            day.seconds / 60,
            round(day.known),
        )
        for number, day in enumerate(simulated)
    ]


def _studied_cards(cards: list[StudiedCardRow], settings: StudySettingsRow, today: date) -> Iterator[StudiedCard]:
    days = settings.algorithm.days
    for card in cards:
        stability, difficulty = card.stability, card.difficulty
        if stability is None or difficulty is None:
            # Of SM-2.
            stability, difficulty = to_memory(settings.scheduling, card.ease_factor, card.interval_days)
        due_day = days.day_of(card.due_at) if card.due_day is None else card.due_day
        elapsed = 0 if card.last_reviewed_day is None else (today - card.last_reviewed_day).days
        interval = None if card.due_day is None else int(card.interval_days)
        yield StudiedCard(stability, difficulty, interval, max(elapsed, 0), max((due_day - today).days, 0))
