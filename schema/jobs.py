"""Background jobs."""

from datetime import datetime
from typing import Annotated

import strawberry

from db.queries.jobs import JobRow
from domain.enums import ExportFormat, JobKind, JobStatus
from resolvers import jobs as resolve_jobs
from schema import list_sizes
from schema.analyzed_texts import AnalyzedText
from schema.directives import Cost
from schema.nodes import Node, is_row
from schema.textbooks import Textbook


@strawberry.type(description="Error of a failed job.")
class JobError:
    code: str = strawberry.field(description="Stable error code.")
    message: str = strawberry.field(description="A human-readable message.", directives=[Cost(weight="20")])
    retryable: bool = strawberry.field(description="Whether a retry may succeed.")


@strawberry.type(description="A file created by an export.")
class ExportFile:
    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, resolve_jobs.ExportFile)

    url: str = strawberry.field(
        description="Download link, until it expires. With `&bom=1` a CSV file starts with a byte order mark.",
        directives=[Cost(weight="5")],
    )
    format: ExportFormat = strawberry.field(description="File format.")
    row_count: int = strawberry.field(description="Number of rows.")
    size_bytes: int = strawberry.field(description="Size in bytes.")
    expires_at: datetime = strawberry.field(description="When the link expires.")


@strawberry.type(description="A zip archive with everything that is stored about a learner.")
class DataExport:
    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, resolve_jobs.DataExport)

    url: str = strawberry.field(description="Download link, until it expires.", directives=[Cost(weight="5")])
    file_count: int = strawberry.field(description="Number of files in the archive.")
    row_count: int = strawberry.field(description="Number of rows of all tables.")
    size_bytes: int = strawberry.field(description="Size in bytes.")
    expires_at: datetime = strawberry.field(description="When the link expires.")


JobResult = Annotated[
    Textbook | ExportFile | DataExport | AnalyzedText, strawberry.union("JobResult", description="Result of a job.")
]


JobSubject = Annotated[Textbook, strawberry.union("JobSubject", description="What a job works on.")]


@strawberry.type(description="A difference between the result of a job and what was requested.")
class JobWarning:
    is_type_of = is_row(resolve_jobs.JobWarning)

    code: str = strawberry.field(description="FEWER_CHAPTERS, FEWER_WORDS or TOPIC_OMITTED.")
    message: str = strawberry.field(description="A human-readable message.", directives=[Cost(weight="20")])


@strawberry.type(description="A background job and its progress.")
class Job(Node):
    is_type_of = is_row(JobRow)

    kind: JobKind = strawberry.field(description="Kind of job.")
    status: JobStatus = strawberry.field(description="The status.")
    progress: float = strawberry.field(description="Between 0 and 1; never decreases within an attempt.")
    completed_steps: int = strawberry.field(description="Completed steps.")
    total_steps: int = strawberry.field(description="Total steps.")
    message: str | None = strawberry.field(
        description="Human-readable description of the current step.", directives=[Cost(weight="5")]
    )
    attempts: int = strawberry.field(description="Number of attempts.")
    max_attempts: int = strawberry.field(description="Maximum number of attempts.")
    created_at: datetime = strawberry.field(description="When the job was created.")
    scheduled_for: datetime = strawberry.field(description="Earliest start of the next attempt.")
    started_at: datetime | None = strawberry.field(description="When the newest attempt started.")
    finished_at: datetime | None = strawberry.field(description="When the job finished.")
    error = strawberry.field(
        resolver=resolve_jobs.error, graphql_type=JobError | None, description="The error of a failed job."
    )
    result = strawberry.field(
        resolver=resolve_jobs.result, graphql_type=JobResult | None, description="Result of a succeeded job."
    )
    subject = strawberry.field(
        resolver=resolve_jobs.subject,
        graphql_type=JobSubject | None,
        description="What the job works on, from its start: the textbook that it generates; null for other jobs.",
    )
    warnings = strawberry.field(
        resolver=resolve_jobs.warnings,
        graphql_type=list[JobWarning],
        description=(
            "How the result of a succeeded job differs from the request. A generated textbook has fewer chapters or "
            "words if the level has no others about its topics."
        ),
        directives=[list_sizes.WARNINGS],
    )
