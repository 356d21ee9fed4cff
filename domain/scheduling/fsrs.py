"""The Free Spaced Repetition Scheduler, version 6, implemented by the package `fsrs`."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from fsrs import Card, Rating, Scheduler, State

from domain.enums import CardState
from domain.ids import CardId
from domain.scheduling.card import MAX_INTERVAL_DAYS, PASSING_QUALITY, Schedule

_RATINGS = (Rating.Again, Rating.Again, Rating.Again, Rating.Hard, Rating.Good, Rating.Easy)
_STATES = {State.Learning: CardState.LEARNING, State.Review: CardState.REVIEW, State.Relearning: CardState.RELEARNING}
_FSRS_STATES = {CardState.NEW: State.Learning} | {ours: theirs for theirs, ours in _STATES.items()}

# Anki's fuzz ranges: how far an interval may move, as a share of the days in each range.
_FUZZ = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, float("inf"), 0.05))
_SECONDS_A_DAY = 86_400


class Fsrs:
    """FSRS-6 with its default parameters. `desired_retention` is 0.70..0.97."""

    def __init__(self, desired_retention: float) -> None:
        # The package's fuzz is random; ours is seeded by the card, so that a replay gives the same result.
        self._scheduler = Scheduler(
            desired_retention=desired_retention, maximum_interval=MAX_INTERVAL_DAYS, enable_fuzzing=False
        )

    def review(self, card_id: CardId, schedule: Schedule, quality: int, answered_at: datetime) -> Schedule:
        card, _ = self._scheduler.review_card(_card(schedule), _RATINGS[quality], answered_at)
        interval = card.due - answered_at
        recalled = quality >= PASSING_QUALITY
        repetitions = schedule.repetitions + 1 if recalled else 0
        if card.state is State.Review:
            interval = _fuzz(interval, card_id, repetitions)
        return replace(
            schedule,
            state=_STATES[card.state],
            due_at=answered_at + interval,
            interval_days=interval.total_seconds() / _SECONDS_A_DAY,
            stability=card.stability,
            difficulty=card.difficulty,
            learning_step=card.step,
            repetitions=repetitions,
            lapses=schedule.lapses + (not recalled and schedule.state is CardState.REVIEW),
            last_reviewed_at=answered_at,
        )


def _card(schedule: Schedule) -> Card:
    return Card(
        # Without an id the package sleeps to make a unique one; the id has no other use.
        card_id=1,
        # A card without FSRS state is new to FSRS, whatever its state in SM-2.
        state=State.Learning if schedule.stability is None else _FSRS_STATES[schedule.state],
        step=schedule.learning_step,
        stability=schedule.stability,
        difficulty=schedule.difficulty,
        due=schedule.due_at,
        last_review=schedule.last_reviewed_at,
    )


def _fuzz(interval: timedelta, card_id: CardId, repetitions: int) -> timedelta:
    """Moves an interval by a few days, so that cards learnt together become due on different days."""
    days = interval.days
    if days < 2.5:
        return interval
    delta = 1.0 + sum(share * max(min(days, end) - start, 0.0) for start, end, share in _FUZZ)
    drawn = random.Random(f"{card_id}:{repetitions}").randint(max(2, round(days - delta)), round(days + delta))  # noqa: S311  # no secret
    return timedelta(days=min(drawn, MAX_INTERVAL_DAYS))
