"""Resolvers of jobs, for their owners."""

from dataclasses import dataclass
from datetime import datetime

import orjson
import strawberry

from db.queries.analyzed_texts import AnalyzedTextRow
from db.queries.jobs import JobRow
from db.queries.textbooks import TextbookRow
from domain.enums import ExportFormat, JobKind, JobStatus
from domain.exports import ARCHIVE_NAME, role_of_file
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class JobError:
    """Error of a failed job."""

    code: str
    message: str
    retryable: bool


@dataclass(frozen=True, slots=True)
class ExportFile:
    """The file of an export."""

    url: str
    format: ExportFormat
    row_count: int
    size_bytes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class DataExport:
    """The archive of a learner's data."""

    url: str
    file_count: int
    row_count: int
    size_bytes: int
    expires_at: datetime


def error(parent: strawberry.Parent[JobRow]) -> JobError | None:
    return parse_error(parent.error)


def parse_error(error: str | None) -> JobError | None:
    """Return the error of a job from its JSON."""
    if error is None:
        return None
    found = orjson.loads(error)
    return JobError(code=found["code"], message=found["message"], retryable=found["retryable"])


@dataclass(frozen=True, slots=True)
class JobWarning:
    """What the result of a job lacks."""

    code: str
    message: str


def warnings(parent: strawberry.Parent[JobRow]) -> list[JobWarning]:
    if parent.kind != JobKind.GENERATE_TEXTBOOK or parent.result is None:
        return []
    return [JobWarning(each["code"], each["message"]) for each in orjson.loads(parent.result).get("warnings", ())]


subject = load_by_key(lambda loaders: loaders.textbooks.textbook_by_id, key="textbook_id")


async def result(
    parent: strawberry.Parent[JobRow], info: Info
) -> TextbookRow | ExportFile | DataExport | AnalyzedTextRow | None:
    if parent.status != JobStatus.SUCCEEDED:
        return None
    if parent.kind == JobKind.GENERATE_TEXTBOOK and parent.textbook_id is not None:
        return await info.context.loaders.textbooks.textbook_by_id.load(parent.textbook_id)
    if parent.kind == JobKind.ANALYZE_TEXT:
        return await info.context.loaders.analyzed_texts.text_by_job_id.load(parent.id)
    if parent.kind == JobKind.EXPORT and parent.result is not None:
        return _export_result(parent, info)
    return None


def _export_result(job: JobRow, info: Info) -> ExportFile | DataExport | None:
    assert job.result is not None
    found = orjson.loads(job.result)
    if not info.context.require_viewer().has_role(role_of_file(found["fileName"])):
        # An administrator was demoted, and the link would be refused.
        return None
    expires_at = datetime.fromisoformat(found["expiresAt"])
    url = info.context.services.export_links.link(job.id, found["fileName"], expires_at)
    rows, size = found["rowCount"], found["sizeBytes"]
    if found["fileName"] == ARCHIVE_NAME:
        return DataExport(url, found["fileCount"], rows, size, expires_at)
    return ExportFile(url, ExportFormat(found["format"]), rows, size, expires_at)
