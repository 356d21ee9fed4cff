"""The study settings that schedules depend on."""

from dataclasses import dataclass

from domain.enums import Scheduler
from domain.scheduling.days import DEFAULT_DAY_STARTS_AT_HOUR, EarlierDays, StudyDays, study_days
from domain.scheduling.load import NO_EASY_DAYS

# A hundred years; `datetime` overflows with much longer intervals.
MAX_INTERVAL_DAYS = 36_500
DEFAULT_LEARNING_STEPS, DEFAULT_RELEARNING_STEPS = (1, 10), (10,)


@dataclass(frozen=True, slots=True)
class SchedulingSettings:
    """All but the scheduler and the day belong to FSRS.

    `desired_retention`: 0.70..0.97. `learning_steps` and `relearning_steps`: minutes, 0 to 10 steps.
    `parameters`: the 21 of FSRS-6, or empty for its defaults. `has_fuzz`: whether due days are chosen around the
    interval, so that cards learnt together become due on different days. `easy_days`: the share of reviews on each
    weekday, Monday first, by which they are chosen. `earlier_days`: before other time zones and starts of the day.
    """

    scheduler: Scheduler
    desired_retention: float = 0.9
    time_zone: str = "UTC"
    day_starts_at_hour: int = DEFAULT_DAY_STARTS_AT_HOUR
    learning_steps: tuple[int, ...] = DEFAULT_LEARNING_STEPS
    relearning_steps: tuple[int, ...] = DEFAULT_RELEARNING_STEPS
    max_interval_days: int = MAX_INTERVAL_DAYS
    parameters: tuple[float, ...] = ()
    easy_days: tuple[float, ...] = NO_EASY_DAYS
    has_fuzz: bool = True
    earlier_days: tuple[EarlierDays, ...] = ()

    @property
    def days(self) -> StudyDays:
        return study_days(self.time_zone, self.day_starts_at_hour, self.earlier_days)
