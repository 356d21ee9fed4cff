"""Replays the demo learner's answers with FSRS, which predicts a recall for each.

The learner uses SM-2, whose log has no predictions. As `Statistics.calibration`: reviews on a later day than the last
one of the card, in equal classes of predictions.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import httpx

from bench.harness import headers
from domain.enums import Scheduler
from domain.ids import CardId, parse_global_id_as
from domain.scheduling import PASSING_QUALITY, Answer, Schedule, SchedulingSettings, algorithm
from domain.scheduling.fitting import FittedEntry, fit
from domain.statistics import CALIBRATION_BINS, RETRIEVABILITY_UNIT

QUERY = """
    query($after: String) { viewer {
        settings { timeZone dayStartsAt }
        reviews(first: 100, after: $after) { nodes { reviewedAt quality cardId } pageInfo { endCursor hasNextPage } }
    } }
"""


class Bin(NamedTuple):
    """The mean prediction, and the share that was recalled."""

    predicted: float
    recalled: float
    reviews: int


def calibrations(url: str) -> dict[str, list[Bin]]:
    """The bins with default parameters, and with those fitted to the same answers."""
    settings, answers = _read(url)
    entries = [FittedEntry(card, answer.day, answer.quality) for card, answer in answers]
    fitted = fit(entries, ())
    assert fitted is not None
    parameters = {"default": (), "fitted": fitted.parameters}
    return {
        name: list(_bins(answers, SchedulingSettings(Scheduler.FSRS, **settings, parameters=values)))
        for name, values in parameters.items()
    }


def _read(url: str) -> tuple[dict[str, Any], list[tuple[CardId, Answer]]]:
    """The settings of the learner's days, and the answers, the oldest first."""
    found: list[dict[str, Any]] = []
    after = None
    with httpx.Client(headers=headers("demo")) as client:
        while True:
            body = client.post(url, json={"query": QUERY, "variables": {"after": after}}).json()
            viewer = body["data"]["viewer"]
            found += viewer["reviews"]["nodes"]
            if not viewer["reviews"]["pageInfo"]["hasNextPage"]:
                break
            after = viewer["reviews"]["pageInfo"]["endCursor"]
    settings = {"time_zone": viewer["settings"]["timeZone"], "day_starts_at_hour": viewer["settings"]["dayStartsAt"]}
    days = SchedulingSettings(Scheduler.FSRS, **settings).days
    answers = []
    for number, review in enumerate(reversed(found)):
        at = datetime.fromisoformat(review["reviewedAt"])
        answer = Answer(at, str(number), review["quality"], days.day_of(at))
        answers.append((parse_global_id_as(CardId, review["cardId"]), answer))
    return settings, answers


def _bins(answers: Sequence[tuple[CardId, Answer]], settings: SchedulingSettings) -> Iterator[Bin]:
    found: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for predicted, recalled in _predictions(answers, settings):
        found[min(int(predicted * CALIBRATION_BINS), CALIBRATION_BINS - 1)].append((predicted, recalled))
    for _, of_bin in sorted(found.items()):
        predictions, outcomes = zip(*of_bin, strict=True)
        yield Bin(sum(predictions) / len(of_bin), sum(outcomes) / len(of_bin), len(of_bin))


def _predictions(
    answers: Iterable[tuple[CardId, Answer]], settings: SchedulingSettings
) -> Iterator[tuple[float, bool]]:
    fsrs = algorithm(settings)
    schedules: dict[UUID, Schedule] = {}
    for card, answer in answers:
        before = schedules.get(card) or Schedule.initial(answer.answered_at)
        predicted = fsrs.retrievability(before, answer.day)
        if predicted is not None:
            yield predicted / RETRIEVABILITY_UNIT, answer.quality >= PASSING_QUALITY
        schedules[card] = fsrs.review(card, before, answer)
