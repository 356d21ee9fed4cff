"""A learner's study settings."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from domain.enums import LeechAction, NewCardMix, NewCardOrder, Scheduler
from domain.scheduling import SchedulingSettings

T = TypeVar("T")

# Learning steps of FSRS: their number, and the length of one in minutes.
MAX_STEPS, MAX_STEP_MINUTES = 10, 1_439

WEEKDAYS = 7

# The desired retention.
MIN_RETENTION, MAX_RETENTION = 0.70, 0.97

# The maximum of the limits of new cards and of reviews, and of the extensions of a day.
MAX_CARDS_A_DAY = 9_999

# A learner with more reviews changes settings that reschedule all cards in a job. They take about a second.
MAX_REVIEWS_IN_REQUEST = 50_000


# Earlier time zones and starts of the day that are stored. Statements that lock cards return them with each card.
MAX_EARLIER_DAYS = 20


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A partial update; None leaves a setting unchanged.

    `time_zone` is an IANA name. `learning_steps` and `relearning_steps` are in minutes.
    `easy_days`: a share, 0..1, for each weekday.
    """

    scheduler: Scheduler | None = None
    desired_retention: float | None = None
    new_cards_per_day: int | None = None
    reviews_per_day: int | None = None
    time_zone: str | None = None
    day_starts_at_hour: int | None = None
    learning_steps: list[int] | None = None
    relearning_steps: list[int] | None = None
    max_interval_days: int | None = None
    new_card_mix: NewCardMix | None = None
    new_card_order: NewCardOrder | None = None
    easy_days: list[float] | None = None
    bury_siblings: bool | None = None
    leech_threshold: int | None = None
    leech_action: LeechAction | None = None
    streak_freezes_per_month: int | None = None
    fsrs_parameters: list[float] | None = None

    @property
    def reschedules_cards(self) -> bool:
        """Whether cards may have to be computed again from their logs."""
        changed = (self.scheduler, self.desired_retention, self.learning_steps, self.relearning_steps)
        return any(value is not None for value in (*changed, self.max_interval_days, self.fsrs_parameters))

    @property
    def requested(self) -> dict[str, Any]:
        """The settings that it changes, with their values."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    def applied_to(self, settings: SchedulingSettings) -> SchedulingSettings:
        """The settings that schedules depend on after this change."""
        changed: dict[str, Any] = {
            "scheduler": self.scheduler and Scheduler(self.scheduler),
            "desired_retention": self.desired_retention,
            "time_zone": self.time_zone,
            "day_starts_at_hour": self.day_starts_at_hour,
            "learning_steps": _tuple(self.learning_steps),
            "relearning_steps": _tuple(self.relearning_steps),
            "max_interval_days": self.max_interval_days,
            "parameters": _tuple(self.fsrs_parameters),
            "easy_days": _tuple(self.easy_days),
        }
        return replace(settings, **{name: value for name, value in changed.items() if value is not None})


def _tuple(values: Sequence[T] | None) -> tuple[T, ...] | None:
    return None if values is None else tuple(values)
