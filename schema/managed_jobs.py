"""Jobs of all users and periodic tasks, as administrators see them."""

import datetime

import strawberry

from db.queries.managed_jobs import JobLogEntryRow, ManagedJobRow, ModelUsageRow
from db.queries.schedules import ScheduleRow
from domain.enums import JobKind, JobStatus
from domain.list_sizes import MAX_LOG_ENTRIES_OF_JOB
from resolvers import managed_jobs as resolve_managed_jobs
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import Cost
from schema.jobs import JobError
from schema.nodes import is_row


@strawberry.type(description="Requests of a job to language models.")
class ModelUsage:
    is_type_of = is_row(ModelUsageRow)

    requests: int = strawberry.field(description="Number of requests.")
    prompt_tokens: int = strawberry.field(description="Tokens of the prompts.")
    completion_tokens: int = strawberry.field(description="Tokens of the answers.")
    cost: float = strawberry.field(description="Cost in US dollars, from the prices in the settings.")


@strawberry.type(description="A change of a job.")
class JobLogEntry:
    is_type_of = is_row(JobLogEntryRow)

    at: datetime.datetime = strawberry.field(description="Time of the change.")
    status: JobStatus = strawberry.field(description="The status after the change.")
    message: str | None = strawberry.field(
        description="Human-readable description of the step that began.", directives=[Cost(weight="5")]
    )
    attempts: int = strawberry.field(description="Number of attempts until then.")
    error = strawberry.field(
        resolver=resolve_managed_jobs.log_error,
        graphql_type=JobError | None,
        description="The error of an attempt that failed.",
    )


@strawberry.type(description="A job of a user, without its result, to which only the user has access.")
class ManagedJob:
    is_type_of = is_row(ManagedJobRow)

    job_id = strawberry.field(
        resolver=resolve_managed_jobs.job_id, graphql_type=strawberry.ID, description="Global id of the job."
    )
    user = strawberry.field(
        resolver=resolve_managed_jobs.user,
        graphql_type=ref.ManagedUser | None,
        description="The user, which is a look at their personal data; null after the account was erased.",
    )
    kind: JobKind = strawberry.field(description="Kind of job.")
    status: JobStatus = strawberry.field(description="The status.")
    progress: float = strawberry.field(description="Between 0 and 1; never decreases within an attempt.")
    message: str | None = strawberry.field(
        description="Human-readable description of the current step.", directives=[Cost(weight="5")]
    )
    attempts: int = strawberry.field(description="Number of attempts.")
    max_attempts: int = strawberry.field(description="Maximum number of attempts.")
    created_at: datetime.datetime = strawberry.field(description="When the job was created.")
    scheduled_for: datetime.datetime = strawberry.field(description="Earliest start of the next attempt.")
    started_at: datetime.datetime | None = strawberry.field(description="When the newest attempt started.")
    finished_at: datetime.datetime | None = strawberry.field(description="When the job finished.")
    duration_seconds = strawberry.field(
        resolver=resolve_managed_jobs.duration_seconds,
        graphql_type=float | None,
        description="Duration of the newest attempt in seconds, of a running one until now; null if none started.",
    )
    error = strawberry.field(
        resolver=resolve_managed_jobs.error,
        graphql_type=JobError | None,
        description="The error of a failed job.",
    )
    model_usage = strawberry.field(
        resolver=resolve_managed_jobs.usage,
        graphql_type=ModelUsage | None,
        description="Requests to language models by all attempts; null if there were none.",
    )
    log = strawberry.field(
        resolver=resolve_managed_jobs.log,
        graphql_type=list[JobLogEntry],
        description="The last 50 changes of the job, newest first.",
        directives=[list_sizes.at_most(MAX_LOG_ENTRIES_OF_JOB)],
    )


@strawberry.type(description="A periodic task of the workers.")
class Schedule:
    is_type_of = is_row(ScheduleRow)

    name: str = strawberry.field(description="The name.")
    interval_seconds: int = strawberry.field(description="Time between two runs in seconds.")
    last_started_at: datetime.datetime | None = strawberry.field(
        description="When the last run started; null if none ended."
    )
    last_duration_ms: int | None = strawberry.field(description="Duration of the last run in milliseconds.")
    last_run_succeeded = strawberry.field(
        resolver=resolve_managed_jobs.last_run_succeeded,
        graphql_type=bool | None,
        description="Whether the last run succeeded; null if none ended.",
    )
    last_succeeded_at: datetime.datetime | None = strawberry.field(
        description="When the last run that succeeded ended."
    )
    error: str | None = strawberry.field(
        description="Why the last run failed; null if it succeeded.", directives=[Cost(weight="5")]
    )
    requested_at: datetime.datetime | None = strawberry.field(
        description="When an administrator requested a run that has not ended."
    )
    next_run_at = strawberry.field(
        resolver=resolve_managed_jobs.next_run_at,
        graphql_type=datetime.datetime,
        description="When it is run next; a worker looks for due tasks every 30 seconds.",
    )
