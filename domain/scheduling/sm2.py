"""SuperMemo 2 (P. A. Woźniak, 1990).

Implementations differ in three points. Here a quality below 3 does not change the ease factor, the interval is
multiplied by the ease factor before the review, and intervals are rounded up.
"""

import math
from dataclasses import replace
from datetime import datetime, timedelta

from domain.enums import CardState
from domain.ids import CardId
from domain.scheduling.card import MAX_INTERVAL_DAYS, PASSING_QUALITY, Schedule

MIN_EASE_FACTOR = 1.3

# Ease factors have two decimal places. Without rounding, 2.5 is 2.5000000000000004 after a quality of 4, and an
# interval of 15 days becomes 16 when it is rounded up.
_DECIMALS = 9


class Sm2:
    """SM-2 has no parameters."""

    def review(self, card_id: CardId, schedule: Schedule, quality: int, answered_at: datetime) -> Schedule:
        recalled = quality >= PASSING_QUALITY
        repetitions = schedule.repetitions + 1 if recalled else 0
        interval_days = _interval(schedule, repetitions)
        return replace(
            schedule,
            state=_state(schedule, repetitions),
            due_at=answered_at + timedelta(days=interval_days),
            interval_days=float(interval_days),
            ease_factor=_ease_factor(schedule.ease_factor, quality) if recalled else schedule.ease_factor,
            repetitions=repetitions,
            lapses=schedule.lapses + (not recalled and schedule.state is CardState.REVIEW),
            last_reviewed_at=answered_at,
        )


def _interval(schedule: Schedule, repetitions: int) -> int:
    """Days: 1, 6, then the last interval times the ease factor. After a failed review the interval is 1 again."""
    if repetitions <= 1:
        return 1
    if repetitions == 2:
        return 6
    return min(math.ceil(round(schedule.interval_days * schedule.ease_factor, _DECIMALS)), MAX_INTERVAL_DAYS)


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
