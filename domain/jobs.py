"""Jobs: status transitions, retries and concurrency."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.enums import JobKind, JobStatus
from domain.errors import ErrorCode

# The allowed transitions.
TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = {
    # A worker starts it, or its owner cancels it.
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    # It finishes; or it failed and is retried; or its worker stops and releases it; or its worker died and another one
    # starts it again.
    JobStatus.RUNNING: frozenset(JobStatus),
    # The retry delay has passed, or its owner cancels it.
    JobStatus.RETRYING: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    JobStatus.SUCCEEDED: frozenset(),
    # Its owner retries it.
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset({JobStatus.QUEUED}),
}

# How long clients can read a finished job and what is deleted with it.
FINISHED_JOB_RETENTION = timedelta(days=7)
# In characters.
MAX_IDEMPOTENCY_KEY = 100

# Their plan is their result, which is saved with everything that they change. Then they can only succeed.
SAVED_IN_ONE_TRANSACTION = frozenset({JobKind.FIT_PARAMETERS, JobKind.RESCHEDULE_CARDS})

TERMINAL = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})
RETRYABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def predecessors(status: JobStatus) -> tuple[JobStatus, ...]:
    """The statuses from which a job can change to this one."""
    return tuple(before for before, after in TRANSITIONS.items() if status in after)


class JobErrorCode(StrEnum):
    """Codes of job errors, in addition to those of `ErrorCode`."""

    CHAPTER_TOO_LONG = "CHAPTER_TOO_LONG"
    FILE_CORRUPT = "FILE_CORRUPT"
    FILE_TOO_LARGE = "FILE_TOO_LARGE"
    FILE_UNSAFE = "FILE_UNSAFE"
    FILE_UNSUPPORTED = "FILE_UNSUPPORTED"
    LIMIT_REACHED = "LIMIT_REACHED"
    MODEL_ANSWER_UNUSABLE = "MODEL_ANSWER_UNUSABLE"
    MODEL_NOT_AVAILABLE = "MODEL_NOT_AVAILABLE"
    MODEL_REFUSED = "MODEL_REFUSED"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    NOT_IMPORTABLE = "NOT_IMPORTABLE"
    NOT_WRITTEN = "NOT_WRITTEN"
    NO_ROOM = "NO_ROOM"
    NO_WORDS = "NO_WORDS"
    WORKER_LOST = "WORKER_LOST"


class JobFailed(Exception):
    """An attempt failed for a reason that is shown to the owner. `retryable`: whether another attempt may succeed."""

    def __init__(self, code: JobErrorCode | ErrorCode, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class OutOfSpace(JobFailed):
    """A disk or quota is full, so that another attempt would fail as well."""

    def __init__(self) -> None:
        message = "The server is out of disk space; please retry later."
        super().__init__(JobErrorCode.NO_ROOM, message, retryable=False)


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """How jobs of a kind run. `max_concurrent`: on all workers together. A higher `priority` starts first."""

    max_attempts: int
    first_retry: timedelta
    max_concurrent: int
    max_concurrent_per_user: int
    priority: int = 0

    def retry_delay(self, attempts: int) -> timedelta:
        """Exponential backoff with a jitter of 20 %, so that jobs that failed together are not retried together."""
        times: float = 2 ** (attempts - 1) * random.uniform(0.8, 1.2)  # noqa: S311  # no secret
        return self.first_retry * times


POLICIES: Mapping[JobKind, JobPolicy] = {
    # An attempt can fail because a model is busy, which lasts minutes.
    JobKind.GENERATE_TEXTBOOK: JobPolicy(
        max_attempts=5, first_retry=timedelta(minutes=1), max_concurrent=16, max_concurrent_per_user=2, priority=10
    ),
    # Only the database or the disk can fail.
    JobKind.EXPORT: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=4, max_concurrent_per_user=1, priority=5
    ),
    # It computes for seconds; only the database can fail.
    JobKind.ANALYZE_BOOK: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=2, max_concurrent_per_user=1, priority=5
    ),
    JobKind.ANALYZE_TEXT: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=2, max_concurrent_per_user=1, priority=5
    ),
    # They compute for seconds; only the database can fail.
    JobKind.FIT_PARAMETERS: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=1, max_concurrent_per_user=1
    ),
    JobKind.RESCHEDULE_CARDS: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=2, max_concurrent_per_user=1, priority=5
    ),
    # They read files of up to hundreds of megabytes.
    JobKind.ANALYZE_IMPORT: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), max_concurrent=2, max_concurrent_per_user=1, priority=5
    ),
    JobKind.RUN_IMPORT: JobPolicy(
        max_attempts=8, first_retry=timedelta(seconds=10), max_concurrent=2, max_concurrent_per_user=1, priority=5
    ),
    JobKind.REFRESH_ANALYTICS: JobPolicy(
        max_attempts=3, first_retry=timedelta(seconds=30), max_concurrent=1, max_concurrent_per_user=1
    ),
    JobKind.CLEANUP: JobPolicy(
        max_attempts=3, first_retry=timedelta(minutes=1), max_concurrent=1, max_concurrent_per_user=1
    ),
}
