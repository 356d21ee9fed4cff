"""Uploaded files and their limits."""

from dataclasses import dataclass, field
from datetime import timedelta

from domain.user_errors import InvalidInput, UserError, UserErrorCode

# How long an upload can be continued, and its file used.
UPLOAD_LIFETIME = timedelta(hours=48)
MAX_FILE_NAME_LENGTH = 200
# Of one file: each request that continues an upload adds one.
MAX_PARTS = 2_000
# Of a learner in a process: each request holds an unfinished file until its body has arrived.
MAX_CONCURRENT_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A small file in a request."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits in bytes: of a file, of a request that continues an upload, and of all unexpired files of a learner.

    `max_parts_per_user`: stored parts of all these files. `max_unfinished_per_user`: files that are not complete.
    """

    max_bytes: int
    max_chunk_bytes: int
    max_bytes_per_user: int
    max_parts_per_user: int
    max_unfinished_per_user: int


class UploadLimitReached(InvalidInput):
    """The learner has no room for another file or part. `limit`: the setting."""

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(UserError(UserErrorCode.LIMIT_REACHED, message, ()))
        self.limit = limit
