"""From the stages of WaniKani's spaced repetition to schedules."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from domain.enums import CardState
from domain.imports.records import ImportedCard
from domain.timestamps import parse_timestamp

# Days until the next review in each stage, from Apprentice I to Enlightened. A burned item is not reviewed again there;
# here it is due after twice the last interval.
_HOUR = 1 / 24
INTERVALS = {1: 4 * _HOUR, 2: 8 * _HOUR, 3: 23 * _HOUR, 4: 47 * _HOUR, 5: 7.0, 6: 14.0, 7: 30.0, 8: 120.0, 9: 240.0}
BURNED = 9
# Stages with an interval of less than a day.
_LAST_LEARNING_STAGE = 3
# Of an item that was always right, and the growth with the share of wrong answers: one of two gives the maximum.
_MIN_DIFFICULTY, _MAX_DIFFICULTY, _DIFFICULTY_OF_ERRORS = 1.0, 10.0, 18.0
_UNKNOWN_DIFFICULTY = 5.0


def schedule(card: ImportedCard, assignment: Mapping[str, Any], right: int, wrong: int) -> ImportedCard:
    """The card with the schedule of an assignment. `right` and `wrong`: numbers of answers.

    Raises ValueError for a stage that does not exist, and BadUserInput for a malformed timestamp.
    """
    stage = assignment.get("srs_stage")
    if not isinstance(stage, int) or not 0 <= stage <= BURNED:
        raise ValueError(f"stage {stage!r}")
    if stage == 0 or _timestamp(assignment, "started_at") is None:
        return card
    days = INTERVALS[stage]
    interval = timedelta(days=days)
    if stage == BURNED:
        reviewed_at = _timestamp(assignment, "burned_at")
        due_at = reviewed_at and reviewed_at + interval
    else:
        due_at = _timestamp(assignment, "available_at")
        reviewed_at = due_at and due_at - interval
    if due_at is None:
        return card
    return replace(
        card,
        state=CardState.LEARNING if stage <= _LAST_LEARNING_STAGE else CardState.REVIEW,
        due_at=due_at,
        interval_days=days,
        repetitions=stage,
        lapses=wrong,
        stability=days,
        difficulty=_difficulty(right, wrong),
        last_reviewed_at=reviewed_at,
    )


def _difficulty(right: int, wrong: int) -> float:
    answers = right + wrong
    if not answers:
        return _UNKNOWN_DIFFICULTY
    return round(min(_MIN_DIFFICULTY + _DIFFICULTY_OF_ERRORS * wrong / answers, _MAX_DIFFICULTY), 3)


def _timestamp(assignment: Mapping[str, Any], name: str) -> datetime | None:
    value = assignment.get(name)
    return None if value is None else parse_timestamp(str(value))
