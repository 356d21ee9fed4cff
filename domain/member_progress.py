"""What administrators see of a learner, and teachers of one who shares their progress."""

from dataclasses import dataclass, fields
from typing import Self

import orjson


@dataclass(frozen=True, slots=True)
class MemberStatistics:
    """The totals of a learner's dashboard, without those of streak freezes."""

    streak_days: int
    longest_streak_days: int
    due_now: int
    reviews_today: int
    new_today: int
    retention30d: float | None
    study_minutes7d: float

    @classmethod
    def from_json(cls, answer: str) -> Self:
        """Decode a row of the totals, which has more columns."""
        row = orjson.loads(answer)
        return cls(**{field.name: row[field.name] for field in fields(cls)})
