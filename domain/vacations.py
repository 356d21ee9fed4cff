"""Vacations: days on which a learner does not study, and by which due days move."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from domain.enums import ScheduleChangeKind
from domain.scheduling import LogEntry, ScheduleChange
from domain.user_errors import UserErrorCode
from domain.validation import Validator

MAX_VACATION_DAYS, MAX_DAYS_AHEAD = 366, 366


@dataclass(frozen=True, slots=True)
class Vacation:
    """Whole days of the learner, the first and the last included."""

    starts_on: date
    ends_on: date

    @property
    def length(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def days(self) -> list[date]:
        return [self.starts_on + timedelta(days=number) for number in range(self.length)]


@dataclass(frozen=True, slots=True)
class VacationChange:
    """A vacation starts, or has fewer days: what is changed in the log of all cards.

    `earlier_days`: its days before the change, 0 for a new one.
    """

    id: UUID
    key: str
    changed_at: datetime
    starts_on: date
    days: int
    earlier_days: int = 0

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        return cls(
            UUID(values["id"]),
            values["key"],
            datetime.fromisoformat(values["changed_at"]),
            date.fromisoformat(values["starts_on"]),
            values["days"],
            values["earlier_days"],
        )

    def to_json(self) -> dict[str, object]:
        at = self.changed_at.isoformat()
        return asdict(self) | {"id": str(self.id), "changed_at": at, "starts_on": self.starts_on.isoformat()}

    @property
    def is_start(self) -> bool:
        return self.earlier_days == 0

    @property
    def vacation(self) -> Vacation:
        return Vacation(self.starts_on, self.starts_on + timedelta(days=self.days - 1))

    def applied_to(self, entries: Sequence[LogEntry]) -> list[LogEntry]:
        """The log of a card after the change."""
        others = [entry for entry in entries if entry.idempotency_key != self.key]
        if self.days == 0:
            return others
        kind = ScheduleChangeKind.VACATION
        return [*others, ScheduleChange(self.changed_at, self.key, kind, self.starts_on, days=self.days)]


def validated_vacation(starts_on: date | None, ends_on: date, today: date) -> Vacation:
    """`starts_on`: today if it is None. Raises InvalidInput."""
    validator = Validator()
    vacation = Vacation(today if starts_on is None else starts_on, ends_on)
    if not 0 <= (vacation.starts_on - today).days <= MAX_DAYS_AHEAD:
        latest = today + timedelta(days=MAX_DAYS_AHEAD)
        message = f"startsOn: {vacation.starts_on} is outside {today} to {latest}."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "startsOn")
    elif not 1 <= vacation.length <= MAX_VACATION_DAYS:
        latest = vacation.starts_on + timedelta(days=MAX_VACATION_DAYS - 1)
        message = f"endsOn: {ends_on} is outside {vacation.starts_on} to {latest}."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "endsOn")
    validator.raise_if_invalid()
    return vacation
