"""Card histories with the states that Anki's engine exported for them; docs/scheduling.md describes how."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.enums import CardState, Scheduler
from domain.ids import CardId
from domain.scheduling import Answer, Schedule, SchedulingSettings, algorithm

GOLDEN = json.loads((Path(__file__).parent / "golden" / "fsrs_histories.json").read_text())
QUALITIES = {1: 1, 2: 3, 3: 4, 4: 5}
STARTS_AT = datetime.fromisoformat(GOLDEN["startsAt"])


def test_file_has_all_kinds_of_histories() -> None:
    reviews = [review for history in GOLDEN["histories"] for review in history["reviews"]]
    assert len(GOLDEN["histories"]) == 120
    assert len(reviews) > 1_000
    assert {review[1] for review in reviews} == set(QUALITIES)
    assert {review[2] for review in reviews} == {"LEARNING", "REVIEW", "RELEARNING"}


@pytest.mark.parametrize("number", range(len(GOLDEN["histories"])))
def test_states_equal_those_of_anki(number: int) -> None:
    """Stability and difficulty within 1 %, the state and the interval without fuzz exactly."""
    history: dict[str, Any] = GOLDEN["histories"][number]
    settings = SchedulingSettings(
        Scheduler.FSRS,
        history["desiredRetention"],
        learning_steps=tuple(history["learningSteps"]),
        relearning_steps=tuple(history["relearningSteps"]),
        max_interval_days=history["maxIntervalDays"],
        parameters=tuple(history["parameters"] or ()),
        has_fuzz=False,
    )
    chosen, schedule = algorithm(settings), Schedule.initial(STARTS_AT)
    for seconds, rating, state, interval_days, stability, difficulty in history["reviews"]:
        at = STARTS_AT + timedelta(seconds=seconds)
        answer = Answer(at, str(seconds), QUALITIES[rating], settings.days.day_of(at))
        schedule = chosen.review(CardId(UUID(int=number)), schedule, answer)
        assert (schedule.state, schedule.interval_days) == (CardState(state), interval_days)
        assert schedule.stability == pytest.approx(stability, rel=0.01)
        assert schedule.difficulty == pytest.approx(difficulty, rel=0.01)
