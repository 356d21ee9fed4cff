"""The Free Spaced Repetition Scheduler, version 6.

The memory model is `fsrs-rs`, the engine of Anki; learning steps and the rounding of intervals follow Anki, which
`tests/domain/golden` proves. Time between reviews is counted in days of the learner.
"""

from datetime import date, timedelta

from fsrs_rs_python import DEFAULT_PARAMETERS, FSRS, MemoryState, NextStates

from domain.enums import CardState
from domain.ids import CardId
from domain.scheduling.card import INITIAL_EASE_FACTOR, PASSING_QUALITY, Answer, Schedule
from domain.scheduling.days import StudyDays
from domain.scheduling.forgetting_curve import ForgettingCurve
from domain.scheduling.fuzz import fuzz_range, fuzz_share
from domain.scheduling.intervals import AGAIN, EASY, GOOD, HARD, STATES, whole_days
from domain.scheduling.load import NO_EASY_DAYS, DayLoads
from domain.scheduling.settings import SchedulingSettings
from domain.statistics import RETRIEVABILITY_UNIT

RATINGS = (AGAIN, AGAIN, AGAIN, HARD, GOOD, EASY)
_MINUTES_A_DAY = 1_440


class Fsrs:
    """FSRS-6 with the learner's parameters, retention and steps."""

    def __init__(self, settings: SchedulingSettings) -> None:
        self.days: StudyDays = settings.days
        self._settings = settings
        parameters = settings.parameters or DEFAULT_PARAMETERS
        # The usual shares are compared with this object.
        self._easy_days = NO_EASY_DAYS if settings.easy_days == NO_EASY_DAYS else settings.easy_days
        self._model = FSRS(parameters)
        self._curve = ForgettingCurve(parameters)

    @property
    def is_balanced(self) -> bool:
        return self._settings.has_fuzz

    def retrievability(self, schedule: Schedule, day: date) -> int | None:
        if schedule.stability is None or schedule.last_reviewed_day is None or day <= schedule.last_reviewed_day:
            return None
        elapsed = (day - schedule.last_reviewed_day).days
        return int(self._curve.recall(elapsed, schedule.stability) * RETRIEVABILITY_UNIT + 0.5)

    def review(self, card_id: CardId, schedule: Schedule, answer: Answer, loads: DayLoads | None = None) -> Schedule:
        answered_at, day = answer.answered_at, answer.day
        rating = RATINGS[answer.quality]
        recalled = answer.quality >= PASSING_QUALITY
        is_in_review = schedule.state is CardState.REVIEW
        elapsed = schedule.elapsed_days(day)
        states = self._next_states(schedule, elapsed)
        memory = STATES[rating](states).memory
        repetitions = schedule.repetitions + 1 if recalled else 0
        state, step, minutes = self._next_step(schedule, rating)
        due_day: date | None = None
        if minutes is None:
            last = int(schedule.interval_days) if is_in_review else None
            interval: float = whole_days(states, rating, last, self._settings.max_interval_days)
            due_day = self._due_day(card_id, schedule, answer, int(interval), elapsed, loads)
            due_at = self.days.start_of(due_day)
        else:
            interval = minutes / _MINUTES_A_DAY
            due_at = answered_at + timedelta(minutes=minutes)
        # By position, without a constructor: names take five times as long.
        return tuple.__new__(
            Schedule,
            (
                state,
                due_at,
                due_day,
                interval,
                INITIAL_EASE_FACTOR,
                # The decimals that Anki stores, so that long histories agree.
                round(memory.stability, 4),
                round(memory.difficulty, 3),
                step,
                repetitions,
                schedule.lapses + (is_in_review and not recalled),
                schedule.first_reviewed_at or answered_at,
                answered_at,
                day,
                answered_at,
            ),
        )

    def _next_states(self, schedule: Schedule, elapsed: int) -> NextStates:
        # A card without FSRS state is new to FSRS, whatever its state in SM-2.
        if schedule.stability is None or schedule.difficulty is None:
            return self._model.next_states(None, self._settings.desired_retention, 0)
        memory = MemoryState(schedule.stability, schedule.difficulty)
        return self._model.next_states(memory, self._settings.desired_retention, elapsed)

    def _next_step(self, schedule: Schedule, rating: int) -> tuple[CardState, int | None, float | None]:
        """The state, the learning step and its minutes; without them, the card is in review."""
        if schedule.state is CardState.REVIEW:
            if rating == AGAIN and self._settings.relearning_steps:
                return CardState.RELEARNING, 0, float(self._settings.relearning_steps[0])
            return CardState.REVIEW, None, None
        is_relearning = schedule.state is CardState.RELEARNING
        steps = self._settings.relearning_steps if is_relearning else self._settings.learning_steps
        state = CardState.RELEARNING if is_relearning else CardState.LEARNING
        # The settings may have fewer steps than before.
        step = min(schedule.learning_step or 0, len(steps) - 1)
        if not steps or rating == EASY or (rating == GOOD and step + 1 == len(steps)):
            return CardState.REVIEW, None, None
        if rating == AGAIN:
            return state, 0, float(steps[0])
        if rating == GOOD:
            return state, step + 1, float(steps[step + 1])
        return state, step, _hard_minutes(steps, step)

    def _due_day(
        self,
        card_id: CardId,
        schedule: Schedule,
        answer: Answer,
        interval: int,
        elapsed: int,
        loads: DayLoads | None,
    ) -> date:
        """The day stored in the log if it is in the range of the interval, else one that depends on the card only.

        With `loads`, a day with few cards for its share.
        """
        day = answer.day
        if self._settings.has_fuzz and answer.quality >= PASSING_QUALITY:
            shortest, longest = fuzz_range(interval, elapsed, self._settings.max_interval_days)
            if answer.due_day is not None and shortest <= (answer.due_day - day).days <= longest:
                return answer.due_day
            share = fuzz_share(card_id, schedule.repetitions + schedule.lapses)
            interval = shortest + int(share * (longest - shortest + 1))
            if loads is not None:
                return loads.choose(day, shortest, longest, share, self._easy_days)
        return day + timedelta(days=interval)


def _hard_minutes(steps: tuple[int, ...], step: int) -> float:
    """Hard repeats a step; the first one takes the mean of the first two, or half as long again."""
    if step:
        return float(steps[step])
    return (steps[0] + steps[1]) / 2 if len(steps) > 1 else min(steps[0] * 1.5, steps[0] + _MINUTES_A_DAY)
