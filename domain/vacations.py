"""Vacations: days on which a learner does not study, and by which due days move."""

from dataclasses import dataclass
from datetime import date, timedelta

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
