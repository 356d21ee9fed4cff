"""Changes of the schedules of a batch of cards by the learner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never

from domain.enums import ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling import Schedule
from domain.scheduling.card import spread_overdue

# Overdue cards are spread over up to a year.
MAX_SPREAD_DAYS = 365


@dataclass(frozen=True, slots=True)
class SubmittedChange:
    """A change as a client sent it. `changed_at`: None for the current time. `days`: of RESCHEDULE, 0 for others."""

    kind: ScheduleChangeKind
    card_ids: Sequence[CardId]
    idempotency_key: str
    changed_at: datetime | None = None
    days: int = 0

    def due_days(self, schedules: Mapping[CardId, Schedule], day: date) -> Mapping[CardId, date]:
        """The days that the entries of the log have; none for a card that remains where it is."""
        match self.kind:
            case ScheduleChangeKind.BURY:
                return dict.fromkeys(schedules, day + timedelta(days=1))
            case ScheduleChangeKind.RESCHEDULE:
                return spread_overdue(schedules, day, self.days)
            case ScheduleChangeKind.RESET | ScheduleChangeKind.UNBURY:
                return {}
            case ScheduleChangeKind.VACATION | ScheduleChangeKind.SETTINGS | ScheduleChangeKind.IMPORT:
                raise ValueError(f"{self.kind} is no change of single cards")
            case _:
                assert_never(self.kind)
