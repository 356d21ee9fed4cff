"""SuperMemo 2 (P. A. Woźniak, 1990), for reviews on or after the due day.

Implementations differ in three points. Here a quality below 3 does not change the ease factor, the interval is
multiplied by the ease factor before the review, and intervals are rounded up.

The formula gives the due day, unless the learner has easy days: then it is chosen around the interval, as with FSRS.

The original has no early reviews. Here an early one lengthens the interval by the share of it that has passed, and a
successful review on the day of the previous one changes nothing.
"""

import math
from datetime import date, timedelta

from domain.enums import CardState
from domain.ids import CardId
from domain.scheduling.card import LAST_REVIEWED_AT, PASSING_QUALITY, Answer, Schedule
from domain.scheduling.days import StudyDays
from domain.scheduling.fuzz import fuzz_range
from domain.scheduling.load import NO_EASY_DAYS, DayLoads
from domain.scheduling.settings import MAX_INTERVAL_DAYS, SchedulingSettings

MIN_EASE_FACTOR = 1.3

# Ease factors have two decimal places. Without rounding, 2.5 is 2.5000000000000004 after a quality of 4, and an
# interval of 15 days becomes 16 when it is rounded up.
_DECIMALS = 9


class Sm2:
    """SM-2 has no parameters. Cards are due when their due day starts."""

    def __init__(self, settings: SchedulingSettings) -> None:
        self.days: StudyDays = settings.days
        self._easy_days = settings.easy_days
        self._has_easy_days = settings.easy_days != NO_EASY_DAYS
        self._max_interval_days = settings.max_interval_days

    @property
    def is_balanced(self) -> bool:
        return self._has_easy_days

    def retrievability(self, schedule: Schedule, day: date) -> int | None:
        """SM-2 predicts nothing."""
        return None

    def review(self, card_id: CardId, schedule: Schedule, answer: Answer, loads: DayLoads | None = None) -> Schedule:
        recalled = answer.quality >= PASSING_QUALITY
        if recalled and schedule.last_reviewed_day is not None and not schedule.elapsed_days(answer.day):
            at = answer.answered_at
            return Schedule._make((*schedule[:LAST_REVIEWED_AT], at, schedule.last_reviewed_day, at))
        repetitions = schedule.repetitions + 1 if recalled else 0
        interval_days = min(_interval(schedule, repetitions, answer.day), self._max_interval_days)
        due_day = answer.day + timedelta(days=interval_days)
        if self._has_easy_days and recalled:
            due_day = self._chosen_day(schedule, answer, interval_days, loads) or due_day
        answered_at, day = answer.answered_at, answer.day
        # By position, without a constructor: names take five times as long.
        return tuple.__new__(
            Schedule,
            (
                _state(schedule, repetitions),
                self.days.start_of(due_day),
                due_day,
                float(interval_days),
                _ease_factor(schedule.ease_factor, answer.quality) if recalled else schedule.ease_factor,
                None,
                None,
                None,
                repetitions,
                schedule.lapses + (not recalled and schedule.state is CardState.REVIEW),
                schedule.first_reviewed_at or answered_at,
                answered_at,
                day,
                answered_at,
            ),
        )

    def _chosen_day(
        self, schedule: Schedule, answer: Answer, interval_days: int, loads: DayLoads | None
    ) -> date | None:
        """The day stored in the log if it is in the range of the interval, else one with few cards for its share.

        None without `loads`.
        """
        day = answer.day
        shortest, longest = fuzz_range(interval_days, schedule.elapsed_days(day), self._max_interval_days)
        if answer.due_day is not None and shortest <= (answer.due_day - day).days <= longest:
            return answer.due_day
        if loads is None:
            return None
        # That of the formula, if nothing else decides.
        position = (interval_days - shortest + 0.5) / (longest - shortest + 1)
        return loads.choose(day, shortest, longest, position, self._easy_days)


def _interval(schedule: Schedule, repetitions: int, day: date) -> int:
    """Days: 1, 6, then the last interval times the ease factor. After a failed review the interval is 1 again."""
    if repetitions <= 1:
        return 1
    last = schedule.interval_days
    following = 6 if repetitions == 2 else last * schedule.ease_factor
    if schedule.due_day is not None and day < schedule.due_day:
        # An import may have no interval.
        elapsed = schedule.elapsed_days(day)
        share = elapsed / last if elapsed < last else 1.0
        following = last + (max(following, last) - last) * share
    return max(math.ceil(round(min(following, MAX_INTERVAL_DAYS), _DECIMALS)), 1)


def _ease_factor(ease_factor: float, quality: int) -> float:
    """EF' = EF − 0.8 + 0.28q − 0.02q², at least 1.3."""
    return max(MIN_EASE_FACTOR, round(ease_factor - 0.8 + 0.28 * quality - 0.02 * quality * quality, _DECIMALS))


def _state(schedule: Schedule, repetitions: int) -> CardState:
    """A card is in review after two successful reviews in a row."""
    if repetitions >= 2:
        return CardState.REVIEW
    if schedule.state in (CardState.REVIEW, CardState.RELEARNING):
        return CardState.RELEARNING
    return CardState.LEARNING
