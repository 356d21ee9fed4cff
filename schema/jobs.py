"""Jobs: long work that nobody waits for in a request."""

from datetime import datetime
from typing import Annotated

import strawberry

from db.queries.jobs import JobRow
from domain.enums import ExportFormat, JobKind, JobStatus
from resolvers import jobs as resolve_jobs
from schema.directives import Cost
from schema.nodes import Node, is_row
from schema.textbooks import Textbook


@strawberry.type(description="Why a job failed.")
class JobError:
    code: str = strawberry.field(description="Stable, for programs.")
    message: str = strawberry.field(description="A sentence, for people.", directives=[Cost(weight="20")])
    retryable: bool = strawberry.field(description="Whether trying again can help.")


@strawberry.type(description="A file that an export made.")
class ExportFile:
    @classmethod
    def is_type_of(cls, value: object, _info: object) -> bool:
        return isinstance(value, resolve_jobs.ExportFile)

    url: str = strawberry.field(
        description="Where to download it, until it expires. With `&bom=1` a CSV file begins with a byte order mark.",
        directives=[Cost(weight="5")],
    )
    format: ExportFormat = strawberry.field(description="Its form.")
    row_count: int = strawberry.field(description="How many rows it has.")
    size_bytes: int = strawberry.field(description="How large it is.")
    expires_at: datetime = strawberry.field(description="Until when the address works.")


JobResult = Annotated[Textbook | ExportFile, strawberry.union("JobResult", description="What a job made.")]


@strawberry.type(description="Long work, and how far it is.")
class Job(Node):
    is_type_of = is_row(JobRow)

    kind: JobKind = strawberry.field(description="What it does.")
    status: JobStatus = strawberry.field(description="Where it stands.")
    progress: float = strawberry.field(description="0 to 1; never goes back within one attempt.")
    completed_steps: int = strawberry.field(description="Steps done.")
    total_steps: int = strawberry.field(description="Steps in all.")
    message: str | None = strawberry.field(
        description="What is being done now, for a person.", directives=[Cost(weight="5")]
    )
    attempts: int = strawberry.field(description="How often it was begun.")
    max_attempts: int = strawberry.field(description="How often it may be begun.")
    created_at: datetime = strawberry.field(description="When it was asked for.")
    scheduled_for: datetime = strawberry.field(description="Not begun before this moment.")
    started_at: datetime | None = strawberry.field(description="When the newest attempt began.")
    finished_at: datetime | None = strawberry.field(description="When it ended.")
    error = strawberry.field(
        resolver=resolve_jobs.error, graphql_type=JobError | None, description="Why it failed, if it did."
    )
    result = strawberry.field(
        resolver=resolve_jobs.result, graphql_type=JobResult | None, description="What it made, once it succeeded."
    )
