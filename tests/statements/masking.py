"""Masks values that differ between runs: ids, cursors and absolute times."""

import re
from datetime import UTC, date, datetime
from typing import Any

from domain.errors import BadUserInput
from domain.ids import parse_global_id

_CURSORS = {"cursor", "startCursor", "endCursor"}
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DATE_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})")


class Mask:
    """Replaces ids by their type and the order in which they appear, and times by their distance from now in days."""

    def __init__(self, now: datetime, today: date) -> None:
        self._now = now
        self._today = today
        self._ids: dict[str, str] = {}

    def apply(self, value: Any, key: str = "") -> Any:
        """A copy of a JSON value."""
        if isinstance(value, dict):
            return {name: self.apply(item, name) for name, item in value.items()}
        if isinstance(value, list):
            return [self.apply(item, key) for item in value]
        return self._text(value, key) if isinstance(value, str) else value

    def _text(self, value: str, key: str) -> str:
        if key in _CURSORS:
            return "<cursor>"
        if _DATE_TIME.fullmatch(value):
            days = (datetime.fromisoformat(value).astimezone(UTC) - self._now).total_seconds() / 86400
            return f"<now{round(days):+} days>"
        if _DATE.fullmatch(value):
            return f"<today{(date.fromisoformat(value) - self._today).days:+}>"
        return self._id(value) if key == "id" else value

    def _id(self, value: str) -> str:
        try:
            kind, _ = parse_global_id(value)
        except BadUserInput:
            return value
        number = sum(known.startswith(f"<{kind} ") for known in self._ids.values()) + 1
        return self._ids.setdefault(value, f"<{kind} {number}>")
