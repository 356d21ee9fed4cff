"""Exported files: what can be asked for, what they are called, and links that work for a while."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from uuid import UUID

from domain.enums import ExportFormat, ExportKind, Role
from domain.errors import Forbidden, NotFound
from domain.timestamps import EARLIEST_MOMENT
from domain.viewer import Viewer

# How long a file is kept, and its link works.
FILE_LIFETIME = timedelta(hours=24)
# Later than anything.
_LATEST_MOMENT = datetime(9999, 1, 1, tzinfo=UTC)

MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.JSONL: "application/jsonl; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """`since` (inclusive) and `until` (exclusive): moments of reviews; of cards and learners, when they were made."""

    kind: ExportKind
    format: ExportFormat
    since: datetime = EARLIEST_MOMENT
    until: datetime = _LATEST_MOMENT

    @classmethod
    def between(cls, kind: ExportKind, format: ExportFormat, since: datetime | None, until: datetime | None) -> Self:
        """Without an end where there is None."""
        return cls(kind, format, since or EARLIEST_MOMENT, until or _LATEST_MOMENT)

    @classmethod
    def of_input(cls, input: Mapping[str, str]) -> Self:
        """From what `as_input` made."""
        moments = (datetime.fromisoformat(input[name]) for name in ("since", "until"))
        return cls(ExportKind(input["kind"]), ExportFormat(input["format"]), *moments)

    def as_input(self) -> dict[str, object]:
        """Of a job."""
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
        """Raises Forbidden where the viewer may not have it."""
        if self.kind is ExportKind.LEARNERS and not viewer.has_role(Role.ADMIN):
            raise Forbidden("Learners are exported for administrators alone.")


@dataclass(frozen=True, slots=True)
class ExportQuota:
    """Of the files of a day: how many and how large those of one learner and those of all may be.

    `min_free_bytes`: what has to stay free on their disk.
    """

    min_free_bytes: int
    max_files_of_a_learner: int
    max_bytes_of_a_learner: int
    max_files: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class ExportLinks:
    """Links that nobody can make who has not the secret. `base_url`: of this server, as clients reach it."""

    secret: bytes
    base_url: str

    def link(self, job_id: UUID, file_name: str, expires_at: datetime) -> str:
        path, expires = f"/exports/files/{job_id}/{file_name}", int(expires_at.timestamp())
        return f"{self.base_url}{path}?expires={expires}&signature={self._signature(path, expires)}"

    def check(self, path: str, expires: str, signature: str, now: datetime) -> None:
        """Raises NotFound for a link that this server did not make, or whose time is over."""
        if expires.isascii() and expires.isdigit() and len(expires) < 12 and int(expires) >= now.timestamp():
            right = self._signature(path, int(expires))
            if hmac.compare_digest(right.encode(), signature.encode("utf-8", "surrogatepass")):
                return
        raise NotFound("This link does not work, or not any more. Ask for the file again.")

    def _signature(self, path: str, expires: int) -> str:
        return hmac.new(self.secret, f"{path}?{expires}".encode(), hashlib.sha256).hexdigest()
