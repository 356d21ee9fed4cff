"""A card's schedule and the log entries that move it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol, Self

from domain.enums import CardState, ScheduleChangeKind
from domain.ids import CardId
from domain.scheduling.days import StudyDays
from domain.scheduling.load import DayLoads

# The ease factor of a new card in SM-2.
INITIAL_EASE_FACTOR = 2.5

# The lowest quality of a successful review.
PASSING_QUALITY = 3


class Schedule(NamedTuple):
    """The state of a card, computed from its log.

    A card with a `due_day` is due when that day of the learner starts, others at `due_at`. `interval_days` is what the
    algorithm computed; the due day is chosen around it. `ease_factor` belongs to SM-2; `stability`, `difficulty` and
    `learning_step` to FSRS. `last_entry_at`: the time of the newest log entry of the card.
    """

    state: CardState
    due_at: datetime
    due_day: date | None = None
    interval_days: float = 0.0
    ease_factor: float = INITIAL_EASE_FACTOR
    stability: float | None = None
    difficulty: float | None = None
    learning_step: int | None = None
    repetitions: int = 0
    lapses: int = 0
    first_reviewed_at: datetime | None = None
    last_reviewed_at: datetime | None = None
    last_reviewed_day: date | None = None
    last_entry_at: datetime | None = None

    @classmethod
    def initial(cls, created_at: datetime) -> Self:
        """The schedule of a new card, which is due immediately."""
        return cls(CardState.NEW, due_at=created_at)

    def elapsed_days(self, day: date) -> int:
        """Days of the learner since the last review; 0 without one, or if a journey repeated a day."""
        last = self.last_reviewed_day
        if last is None or last >= day:
            return 0
        return (day - last).days


# The position of the last times and days.
LAST_REVIEWED_AT = Schedule._fields.index("last_reviewed_at")


class Answer(NamedTuple):
    """A review in the log. `quality` is 0..5.

    `day`: the learner's day when it was saved; a later change of the time zone does not move it. `due_day`: the day
    chosen for the next review; it is kept as long as it is within the range of the interval. `reschedules`: False for
    an answer that is logged but moves no schedule, as in cramming.
    """

    answered_at: datetime
    idempotency_key: str
    quality: int
    day: date
    due_day: date | None = None
    reschedules: bool = True

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """The order of the log, whatever the order of arrival."""
        return self.answered_at, self.idempotency_key


@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """A log entry other than a review. `due_day` and `days`: see `ScheduleChangeKind`.

    `imported`: the schedule that an entry of the kind IMPORT sets; the times of its log entries are those of the card.
    """

    changed_at: datetime
    idempotency_key: str
    kind: ScheduleChangeKind
    day: date
    due_day: date | None = None
    days: int = 0
    imported: Schedule | None = None

    @property
    def sort_key(self) -> tuple[datetime, str]:
        """The order of the log."""
        return self.changed_at, self.idempotency_key

    def apply(self, schedule: Schedule, days: StudyDays) -> Schedule:
        """The schedule after this entry."""
        match self.kind:
            case ScheduleChangeKind.SETTINGS:
                # Whoever changes the settings folds all cards with the new ones.
                return schedule
            case ScheduleChangeKind.VACATION:
                # An entry of all cards, which leaves `last_entry_at` to those of the card.
                if schedule.due_day is None or schedule.due_day < self.day:
                    return schedule
                return _due_on(schedule, schedule.due_day + timedelta(days=self.days), days)
            case ScheduleChangeKind.RESET:
                schedule = Schedule.initial(self.changed_at)._replace(
                    lapses=schedule.lapses, first_reviewed_at=schedule.first_reviewed_at
                )
            case ScheduleChangeKind.IMPORT if self.imported is not None:
                due_day = self.imported.due_day
                schedule = self.imported._replace(
                    # Due days start at another time after a change of the time zone.
                    due_at=self.imported.due_at if due_day is None else days.start_of(due_day),
                    first_reviewed_at=_first(schedule.first_reviewed_at, self.imported.first_reviewed_at),
                )
            case ScheduleChangeKind.RESCHEDULE if schedule.due_day is not None and self.due_day is not None:
                # A review that arrives late may have moved the card, which is then not overdue.
                if schedule.due_day <= self.day:
                    schedule = _due_on(schedule, self.due_day, days)
            case ScheduleChangeKind.BURY if self.due_day is not None:
                if schedule.due_day is None:
                    schedule = schedule._replace(due_at=max(schedule.due_at, days.start_of(self.due_day)))
                else:
                    schedule = _due_on(schedule, max(schedule.due_day, self.due_day), days)
        return schedule._replace(last_entry_at=self.changed_at)


LogEntry = Answer | ScheduleChange


def effective(entries: Sequence[LogEntry]) -> Sequence[LogEntry]:
    """The entries, which are in order, without those of the kind BURY that a later UNBURY ends."""
    unbury = ScheduleChangeKind.UNBURY
    if not any(isinstance(entry, ScheduleChange) and entry.kind is unbury for entry in entries):
        return entries
    kept: list[LogEntry] = []
    # The first day of the later entries of the kind UNBURY.
    day = date.max
    for entry in reversed(entries):
        if isinstance(entry, ScheduleChange):
            if entry.kind is unbury:
                day = min(day, entry.day)
            elif entry.kind is ScheduleChangeKind.BURY and entry.due_day is not None and entry.due_day > day:
                continue
        kept.append(entry)
    return kept[::-1]


def spread_overdue(schedules: Mapping[CardId, Schedule], day: date, days: int) -> dict[CardId, date]:
    """Due days for the cards that are due on the day or before: as many on each of `days` days from this one.

    Cards that are overdue by the largest share of their intervals are first.
    """

    def overdue(id: CardId) -> float:
        schedule = schedules[id]
        assert schedule.due_day is not None
        return (day - schedule.due_day).days / max(schedule.interval_days, 1.0)

    due = [id for id, schedule in schedules.items() if schedule.due_day is not None and schedule.due_day <= day]
    due.sort(key=lambda id: (-overdue(id), id))
    return {id: day + timedelta(days=index * days // len(due)) for index, id in enumerate(due)}


class SchedulingAlgorithm(Protocol):
    """A pure function from a schedule and a review to the next schedule.

    `loads` chooses the due day of a review without a stored one.
    """

    @property
    def days(self) -> StudyDays: ...

    @property
    def is_balanced(self) -> bool:
        """Whether `loads` has an effect."""
        ...

    def review(
        self, card_id: CardId, schedule: Schedule, answer: Answer, loads: DayLoads | None = None
    ) -> Schedule: ...

    def retrievability(self, schedule: Schedule, day: date) -> int | None:
        """The predicted probability of recall on a day after that of the last review, in ten-thousandths."""
        ...


def _first(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _due_on(schedule: Schedule, due_day: date, days: StudyDays) -> Schedule:
    return schedule._replace(due_day=due_day, due_at=days.start_of(due_day))
