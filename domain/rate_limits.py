"""The registry of rate limits."""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from math import ceil

from domain.errors import RateLimited

HOUR = timedelta(hours=1)
# Limits up to this number count each use at its own time. Larger limits count uses by parts of the span; a use expires
# with its part. This bounds memory, and a span never has more than `times` uses.
MAX_EXACT_TIMES = 200
PARTS = 120
# The largest number of uses that a process leases.
MAX_BLOCK = 200


class CountedBy(Enum):
    """The key that uses are counted by."""

    VIEWER = "the viewer"
    CLIENT = "the viewer, or the address of an anonymous client"
    ADDRESS = "the address"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A sliding window of `times` uses in `span`. `what`: a plural noun. `rule`: the end of the error message.

    `setting`: the field of the settings that overrides `times`. `max_bytes` and `bytes_setting`: the same for the
    total of bytes. `has_tokens`: a use with a known token is not counted again.
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
    def variable(self) -> str:
        """The environment variable of the setting: `extensions.limit` of the error."""
        return self.setting.upper()

    @property
    def part(self) -> timedelta:
        """The length of a part of the span; zero if each use is counted at its own time."""
        return timedelta() if self.has_tokens or self.times <= MAX_EXACT_TIMES else self.span / PARTS

    @property
    def block(self) -> int:
        """How many uses a process may count in Redis with one command, a hundredth of the limit; 1: each on its own."""
        return max(1, min(self.times // 100, MAX_BLOCK)) if self.part else 1

    def check(self, done: int, wait: timedelta) -> None:
        """Raises RateLimited if `done` has reached the limit; `wait`: until the next use is allowed."""
        if done >= self.times:
            raise self.exceeded(wait)

    def exceeded(self, wait: timedelta) -> RateLimited:
        """`wait`: until the same use is allowed, without other uses in between."""
        seconds = max(1, ceil(wait.total_seconds()))
        hours = self.span.total_seconds() / 3600
        span = "an hour" if hours == 1 else f"in {hours:g} hours" if hours > 1 else f"in {60 * hours:g} minutes"
        size = "" if self.max_bytes is None else f" with {self.max_bytes} bytes"
        message = f"{self.times} {self.what}{size} {span} {self.rule}."
        minutes = ceil(seconds / 60)
        unit = "minute" if minutes == 1 else "minutes"
        return RateLimited(f"{message} Try again in {minutes} {unit}.", retry_after=seconds, limit=self.variable)


GENERATED_TEXTBOOKS = RateLimit(
    "generate-textbook", "textbooks", 5, "textbooks_per_hour", rule="are generated for a learner", has_tokens=True
)
TEXT_ANALYSES = RateLimit(
    "analyze-text", "texts", 30, "text_analyses_per_hour", rule="are analysed by jobs of a learner", has_tokens=True
)
EXPORTS = RateLimit("export", "files", 60, "exports_per_hour", rule="are exported for a learner")
UPLOADS = RateLimit("upload", "files", 60, "uploads_per_hour", rule="are uploaded for a learner")
UPLOAD_REQUESTS = RateLimit(
    "upload-request", "requests that continue, read or delete uploads", 6_000, "upload_requests_per_hour"
)
REPORTS = RateLimit("report-content", "reports", 60, "reports_per_hour", rule="are sent by a learner")
IMPORTS = RateLimit("import", "imports", 30, "imports_per_hour", rule="are started or confirmed for a learner")
REVIEWS = RateLimit("review", "reviews", 20_000, "reviews_per_hour", rule="are saved or undone for a learner")
CARDS = RateLimit("card", "cards", 100_000, "cards_per_hour", rule="are created or changed for a learner")
SETTINGS_CHANGES = RateLimit("change-settings", "changes of settings", 120, "settings_changes_per_hour")
JOINED_GROUPS = RateLimit(
    "join-group", "attempts to join a group", 30, "group_joins_per_hour", rule="are allowed for a learner"
)
SIMULATIONS = RateLimit("simulate", "simulations", 120, "simulations_per_hour", rule="are run for a learner")
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
    TEXT_ANALYSES,
    EXPORTS,
    REPORTS,
    UPLOADS,
    UPLOAD_REQUESTS,
    IMPORTS,
    REVIEWS,
    CARDS,
    SETTINGS_CHANGES,
    JOINED_GROUPS,
    SIMULATIONS,
    WRITES,
    JOB_RETRIES,
    CACHE_PURGES,
    STREAMS,
    SIGN_UPS,
    PERSISTED_QUERIES,
    NEW_DOCUMENTS,
)
