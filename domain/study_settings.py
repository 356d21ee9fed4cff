"""How a learner studies."""

from dataclasses import dataclass

from domain.enums import Scheduler


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """What a learner wants to change; None stays as it is. `time_zone` is an IANA name."""

    scheduler: Scheduler | None = None
    desired_retention: float | None = None
    new_cards_per_day: int | None = None
    reviews_per_day: int | None = None
    time_zone: str | None = None
