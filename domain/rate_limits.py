"""How often a learner may do what is expensive."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from domain.errors import RateLimited


@dataclass(frozen=True, slots=True)
class RateLimit:
    """So many times in any span of this length. `what` is done: a plural.

    `max_bytes`: how many bytes all of them may have; None where they have none. `rule`: how the message ends.
    """

    name: str
    what: str
    times: int
    span: timedelta
    max_bytes: int | None = None
    rule: str = "are generated for a learner"

    def check(self, done: int, wait: timedelta) -> None:
        """Raises RateLimited where it was done often enough; `wait`: until it may be done again."""
        if done >= self.times:
            raise self.exceeded(wait)

    def exceeded(self, wait: timedelta) -> RateLimited:
        seconds = max(1, ceil(wait.total_seconds()))
        hours = self.span.total_seconds() / 3600
        span = "an hour" if hours == 1 else f"in {hours:g} hours"
        size = "" if self.max_bytes is None else f" with {self.max_bytes} bytes"
        message = f"{self.times} {self.what}{size} {span} {self.rule}."
        return RateLimited(f"{message} Try again in {ceil(seconds / 60)} minutes.", retry_after=seconds)


GENERATED_TEXTBOOKS = RateLimit("generate-textbook", "textbooks", 5, timedelta(hours=1))
