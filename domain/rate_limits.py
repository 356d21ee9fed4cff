"""Limits over time on what is expensive: all of them, so that a reader, a setting and a test can walk over them."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import ceil

from domain.errors import RateLimited

HOUR = timedelta(hours=1)
# Up to so many uses each is counted at its own time. More are counted by parts of the span, for which they count until
# the whole part is past: the memory of a client is bounded, and more than `times` in a span remain impossible.
MAX_EXACT_TIMES = 200
PARTS = 120


class CountedBy(Enum):
    """Whose uses are counted together."""

    VIEWER = "the viewer"
    CLIENT = "the viewer, or the address where nobody is signed in"
    ADDRESS = "the address"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `times` in any span of this length. `what` is counted: a plural. `rule`: how the message ends.

    `setting`: the field of the settings that overrides `times`. `max_bytes` and `bytes_setting`: how many bytes all of
    them may have; None where they have none. `has_tokens`: a use is counted once for a token that names it.
    """

    name: str
    what: str
    times: int
    setting: str
    span: timedelta = HOUR
    counted_by: CountedBy = CountedBy.VIEWER
    rule: str = "are allowed for a learner"
    max_bytes: int | None = None
    bytes_setting: str | None = None
    has_tokens: bool = False

    @property
    def part(self) -> timedelta:
        """What uses are counted by; zero where each is counted at its own time."""
        return timedelta() if self.has_tokens or self.times <= MAX_EXACT_TIMES else self.span / PARTS

    def check(self, done: int, wait: timedelta) -> None:
        """Raises RateLimited where it was done often enough; `wait`: until it may be done again."""
        if done >= self.times:
            raise self.exceeded(wait)

    def exceeded(self, wait: timedelta) -> RateLimited:
        """`wait`: until the same would be allowed, if nothing else is done meanwhile."""
        seconds = max(1, ceil(wait.total_seconds()))
        hours = self.span.total_seconds() / 3600
        span = "an hour" if hours == 1 else f"in {hours:g} hours" if hours > 1 else f"in {60 * hours:g} minutes"
        size = "" if self.max_bytes is None else f" with {self.max_bytes} bytes"
        message = f"{self.times} {self.what}{size} {span} {self.rule}."
        minutes = ceil(seconds / 60)
        unit = "minute" if minutes == 1 else "minutes"
        return RateLimited(f"{message} Try again in {minutes} {unit}.", retry_after=seconds)


GENERATED_TEXTBOOKS = RateLimit(
    "generate-textbook", "textbooks", 5, "textbooks_per_hour", rule="are generated for a learner", has_tokens=True
)
EXPORTS = RateLimit("export", "files", 60, "exports_per_hour", rule="are exported for a learner")
REVIEWS = RateLimit("review", "reviews", 20_000, "reviews_per_hour", rule="are saved or undone for a learner")
CARDS = RateLimit("card", "cards", 100_000, "cards_per_hour", rule="are created or suspended for a learner")
SETTINGS_CHANGES = RateLimit("change-settings", "changes of settings", 120, "settings_changes_per_hour")
WRITES = RateLimit("write", "other changes", 10_000, "writes_per_hour")
JOB_RETRIES = RateLimit("retry-job", "retries of jobs", 60, "job_retries_per_hour")
CACHE_PURGES = RateLimit(
    "purge-cache", "purges of the cache", 120, "cache_purges_per_hour", rule="are allowed for an administrator"
)
STREAMS = RateLimit(
    "open-stream",
    "subscriptions",
    3_000,
    "streams_per_hour",
    counted_by=CountedBy.CLIENT,
    rule="are opened for a client",
)
SIGN_UPS = RateLimit(
    "sign-up",
    "new accounts",
    1_000,
    "sign_ups_per_hour",
    counted_by=CountedBy.ADDRESS,
    rule="are created for an address",
    has_tokens=True,
)
PERSISTED_QUERIES = RateLimit(
    "register-persisted-query",
    "persisted queries",
    500,
    "persisted_queries_per_hour",
    counted_by=CountedBy.CLIENT,
    rule="can be registered by a client",
    max_bytes=1024 * 1024,
    bytes_setting="persisted_query_bytes_per_hour",
    has_tokens=True,
)
NEW_DOCUMENTS = RateLimit(
    "new-document",
    "new documents",
    600,
    "max_new_documents",
    span=timedelta(minutes=10),
    counted_by=CountedBy.CLIENT,
    rule="can be sent by a client, who sends values that change as variables",
    has_tokens=True,
)

RATE_LIMITS = (
    GENERATED_TEXTBOOKS,
    EXPORTS,
    REVIEWS,
    CARDS,
    SETTINGS_CHANGES,
    WRITES,
    JOB_RETRIES,
    CACHE_PURGES,
    STREAMS,
    SIGN_UPS,
    PERSISTED_QUERIES,
    NEW_DOCUMENTS,
)
