"""A learner's study settings."""

from dataclasses import dataclass

from domain.enums import Scheduler


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """A partial update; None leaves a setting unchanged. `time_zone` is an IANA name."""

    scheduler: Scheduler | None = None
    desired_retention: float | None = None
    new_cards_per_day: int | None = None
    reviews_per_day: int | None = None
    time_zone: str | None = None
