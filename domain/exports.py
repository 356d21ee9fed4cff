"""Exports: requests, quotas and signed links."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from domain.enums import ExportFormat, ExportKind, Role
from domain.errors import Forbidden, NotFound
from domain.ids import JobId
from domain.timestamps import MIN_TIMESTAMP
from domain.viewer import Viewer

# Lifetime of a file and of its link.
FILE_LIFETIME = timedelta(hours=24)
# The file of an export of a learner's whole data, and the kind in the input of its job.
ARCHIVE_NAME, ARCHIVE_KIND, ARCHIVE_MEDIA_TYPE = "personal-data.zip", "PERSONAL_DATA", "application/zip"
# Later than any timestamp.
_MAX_TIMESTAMP = datetime(9999, 1, 1, tzinfo=UTC)

MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/jsonl; charset=utf-8",
    ExportFormat.APKG: "application/vnd.anki",
}
# Their files have one line for each row.
LINE_FORMATS = (ExportFormat.CSV, ExportFormat.JSONL)


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """`since` (inclusive) and `until` (exclusive): when reviews were answered; when cards and learners were created."""

    kind: ExportKind
    format: ExportFormat
    since: datetime = MIN_TIMESTAMP
    until: datetime = _MAX_TIMESTAMP

    @classmethod
    def between(cls, kind: ExportKind, format: ExportFormat, since: datetime | None, until: datetime | None) -> Self:
        """None stands for no limit."""
        return cls(kind, format, since or MIN_TIMESTAMP, until or _MAX_TIMESTAMP)

    @classmethod
    def from_input(cls, input: Mapping[str, str]) -> Self:
        """From a job's input, see `to_input`."""
        timestamps = (datetime.fromisoformat(input[name]) for name in ("since", "until"))
        return cls(ExportKind(input["kind"]), ExportFormat(input["format"]), *timestamps)

    def to_input(self) -> dict[str, object]:
        """The input of a job."""
        return {
            "kind": self.kind.value,
            "format": self.format.value,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
        }

    @property
    def file_name(self) -> str:
        return f"{self.kind.value.lower()}.{self.format.value.lower()}"

    def check_allowed(self, viewer: Viewer) -> None:
        """Raises Forbidden."""
        if not viewer.has_role(role_of_file(self.file_name)):
            raise Forbidden("Requires role ADMIN.")


def role_of_file(file_name: str) -> Role:
    """Return the role that the owner of an exported file must have, also when it is downloaded."""
    return Role.ADMIN if file_name.partition(".")[0] == ExportKind.LEARNERS.value.lower() else Role.LEARNER


@dataclass(frozen=True, slots=True)
class ExportQuota:
    """Limits of a user's files within their lifetime."""

    max_files_per_user: int
    max_bytes_per_user: int


@dataclass(frozen=True, slots=True)
class ExportLinks:
    """Signed links. `base_url`: the public URL of this server."""

    secret: bytes
    base_url: str

    def link(self, job_id: JobId, file_name: str, expires_at: datetime) -> str:
        return self.link_to(f"/exports/files/{job_id}/{file_name}", expires_at)

    def link_to(self, path: str, expires_at: datetime) -> str:
        """A link that works without a token."""
        expires = int(expires_at.timestamp())
        return f"{self.base_url}{path}?expires={expires}&signature={self._signature(path, expires)}"

    def check(self, path: str, expires: str, signature: str, now: datetime) -> None:
        """Raises NotFound for an invalid or expired link."""
        if expires.isascii() and expires.isdigit() and len(expires) < 12 and int(expires) >= now.timestamp():
            expected = self._signature(path, int(expires))
            if hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass")):
                return
        raise NotFound("Invalid or expired link.")

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self.secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()
