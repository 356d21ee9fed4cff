"""A learner's study settings."""

from dataclasses import dataclass

from domain.enums import Scheduler

# Learning steps of FSRS: their number, and the length of one in minutes.
MAX_STEPS, MAX_STEP_MINUTES = 10, 1_439


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A partial update; None leaves a setting unchanged.

    `time_zone` is an IANA name. `learning_steps` and `relearning_steps` are in minutes.
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
