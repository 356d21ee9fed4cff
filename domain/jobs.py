"""What a job may do when: statuses, retries, and how many run at once."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.enums import JobKind, JobStatus
from domain.errors import ErrorCode

# From a status to those that may follow it.
TRANSITIONS: Mapping[JobStatus, frozenset[JobStatus]] = {
    # A worker begins it, or its owner stops it.
    JobStatus.QUEUED: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    # It ends; or it failed and is tried again later; or its worker stops and hands it back; or its worker died and
    # another begins it anew.
    JobStatus.RUNNING: frozenset(JobStatus),
    # Its time has come, or its owner stops it.
    JobStatus.RETRYING: frozenset({JobStatus.RUNNING, JobStatus.CANCELLED}),
    JobStatus.SUCCEEDED: frozenset(),
    # Its owner asks for another try.
    JobStatus.FAILED: frozenset({JobStatus.QUEUED}),
    JobStatus.CANCELLED: frozenset({JobStatus.QUEUED}),
}

ENDED = frozenset({JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.CANCELLED})
RETRYABLE = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def preceding(status: JobStatus) -> tuple[JobStatus, ...]:
    """The statuses that this one may follow."""
    return tuple(before for before, after in TRANSITIONS.items() if status in after)


class JobErrorCode(StrEnum):
    """Codes that only the error of a job has. It can have those of `ErrorCode` as well."""

    CHAPTER_TOO_LONG = "CHAPTER_TOO_LONG"
    LIMIT_REACHED = "LIMIT_REACHED"
    MODEL_ANSWER_UNUSABLE = "MODEL_ANSWER_UNUSABLE"
    MODEL_NOT_AVAILABLE = "MODEL_NOT_AVAILABLE"
    MODEL_REFUSED = "MODEL_REFUSED"
    MODEL_UNAVAILABLE = "MODEL_UNAVAILABLE"
    NOT_WRITTEN = "NOT_WRITTEN"
    NO_ROOM = "NO_ROOM"
    WORKER_LOST = "WORKER_LOST"


class JobFailed(Exception):
    """An attempt failed, and the reason is for its owner to read. `retryable`: whether another attempt can help."""

    def __init__(self, code: JobErrorCode | ErrorCode, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class NoRoom(JobFailed):
    """A disk is full, or as full as it may be: another attempt in a few seconds would find no room either."""

    def __init__(self) -> None:
        message = "There is no room for it on the server now. Ask for it again later."
        super().__init__(JobErrorCode.NO_ROOM, message, retryable=False)


@dataclass(frozen=True, slots=True)
class JobPolicy:
    """How jobs of a kind are run.

    `running`: how many at once, on all workers together; `running_of_a_learner`: of one learner. Those of a higher
    `priority` are begun first.
    """

    max_attempts: int
    first_retry: timedelta
    running: int
    running_of_a_learner: int
    priority: int = 0

    def retry_delay(self, attempts: int) -> timedelta:
        """Until the next attempt after this many: twice as long each time, and up to a fifth more or less.

        At random, so that what failed together is not tried again together.
        """
        times: float = 2 ** (attempts - 1) * random.uniform(0.8, 1.2)  # noqa: S311  # no secret
        return self.first_retry * times


POLICIES: Mapping[JobKind, JobPolicy] = {
    # An attempt can fail because a model is busy, which lasts minutes.
    JobKind.GENERATE_TEXTBOOK: JobPolicy(
        max_attempts=5, first_retry=timedelta(minutes=1), running=16, running_of_a_learner=2, priority=10
    ),
    # Only the database or the disk can fail.
    JobKind.EXPORT: JobPolicy(
        max_attempts=4, first_retry=timedelta(seconds=10), running=4, running_of_a_learner=1, priority=5
    ),
    JobKind.REFRESH_ANALYTICS: JobPolicy(
        max_attempts=3, first_retry=timedelta(seconds=30), running=1, running_of_a_learner=1
    ),
    JobKind.CLEANUP: JobPolicy(max_attempts=3, first_retry=timedelta(minutes=1), running=1, running_of_a_learner=1),
}
