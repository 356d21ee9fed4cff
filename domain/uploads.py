"""Uploaded files and their limits."""

from dataclasses import dataclass, field
from datetime import timedelta

# How long an upload can be continued, and its file used.
UPLOAD_LIFETIME = timedelta(hours=48)
MAX_FILE_NAME_LENGTH = 200
# Of one file: each request that continues an upload adds one.
MAX_PARTS = 2_000


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A small file in a request."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """Limits in bytes: of a file, of a request that continues an upload, and of all unexpired files of a learner."""

    max_bytes: int
    max_chunk_bytes: int
    max_bytes_per_user: int
