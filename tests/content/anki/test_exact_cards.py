"""What exported cards have in their data for ShinJP: any program may have changed it."""

import json
from typing import Any
from uuid import UUID

import pytest

from content.anki.exact_cards import read_exact
from domain.enums import CardState, ScheduleChangeKind
from domain.ids import BookId, global_id
from domain.imports.records import ExactContext
from tests.odd_values import ODD_TEXTS

ID = UUID("019b76da-a7fe-704f-9446-f08e4bc71ecc")
SCHEDULE = {"state": "NEW", "due_at": "2026-01-02T03:04:05+00:00", "interval_days": 0.0, "ease_factor": 2.5}
CHANGE = {
    "kind": "IMPORT",
    "changedAt": "2026-01-02T03:04:05.678901Z",
    "day": "2026-01-02",
    "dueDay": None,
    "days": 0,
    "schedule": {**SCHEDULE, "repetitions": 0, "lapses": 0},
    "idempotencyKey": "key",
}
VALUES: dict[str, Any] = {
    "id": global_id("Card", ID),
    "subject": "OWN_WORD",
    "subjectId": global_id("CustomVocabulary", ID),
    "word": "言葉",
    "reading": "ことば",
    "meanings": "my word",
    "state": "REVIEW",
    "dueAt": "2026-01-10T00:00:00+00:00",
    "dueDay": "2026-01-10",
    "intervalDays": 8.0,
    "easeFactor": 2.36,
    "stability": 7.5,
    "difficulty": 5.0,
    "repetitions": 3,
    "lapses": 1,
    "suspendedAsLeech": False,
    "dismissedLeechMarks": 1,
    "tags": "one\\; two; three",
    "firstReviewedAt": "2026-01-01T00:00:00.000001+00:00",
    "lastReviewedAt": "2026-01-02T00:00:00+00:00",
    "lastReviewedDay": "2026-01-02",
    "createdAt": "2025-12-31T00:00:00+00:00",
    "context": "一つの例文。",
    "contextBookId": global_id("Book", ID),
    "contextPage": 3,
    "answers": "4000001",
    "scheduleChanges": json.dumps([CHANGE]),
}


def read(values: object) -> Any:
    return read_exact(json.dumps({"s": 7.5, "shinjp": values}))


def test_cards_are_read_as_they_were_written() -> None:
    card, answers = read(VALUES)
    assert answers == "4000001"
    assert card.subject == ("言葉", "ことば", "my word")
    assert (card.schedule.state, card.schedule.interval_days, card.schedule.lapses) == (CardState.REVIEW, 8.0, 1)
    assert card.schedule.first_reviewed_at.microsecond == 1
    assert card.tags == ("one; two", "three")
    assert card.context == ExactContext("一つの例文。", BookId(ID), 3)
    [change] = card.changes
    assert (change.kind, change.imported.state) == (ScheduleChangeKind.IMPORT, CardState.NEW)


@pytest.mark.parametrize("name", VALUES)
def test_odd_values_are_ignored_or_valid(name: str) -> None:
    odd: list[object] = [*ODD_TEXTS, None, -1, 1e300, True, [], {}, [VALUES], {"a": 1}]
    odd_parts: list[object] = [*ODD_TEXTS, None, [], 1e300]
    odd += [json.dumps([{**CHANGE, key: part}]) for key in CHANGE for part in odd_parts]
    found = [read({**VALUES, name: value}) for value in odd]
    assert None in found or name in ("word", "reading", "meanings", "tags", "context", "answers")


@pytest.mark.parametrize("data", ['{"shinjp": 1}', '{"shinjp": {}}', '{"shinjp"', '["shinjp"]', "", '"shinjp"'])
def test_other_objects_are_ignored(data: str) -> None:
    assert read_exact(data) is None
