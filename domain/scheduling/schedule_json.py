"""Schedules as JSON, in log entries that set the schedule of a card."""

from datetime import date, datetime

import orjson

from domain.enums import CardState
from domain.scheduling.card import Schedule

_TIMES = ("due_at", "first_reviewed_at", "last_reviewed_at", "last_entry_at")
_DAYS = ("due_day", "last_reviewed_day")


def schedule_to_json(schedule: Schedule) -> str:
    return orjson.dumps(schedule._asdict()).decode()


def schedule_from_json(text: str) -> Schedule:
    values = orjson.loads(text)
    values["state"] = CardState(values["state"])
    for name in _TIMES:
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    for name in _DAYS:
        values[name] = None if values[name] is None else date.fromisoformat(values[name])
    return Schedule(**values)
