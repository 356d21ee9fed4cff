"""Mutations of jobs."""

import strawberry

from domain.enums import Role
from resolvers.mutations import jobs as resolve_jobs
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_jobs.CancelJobInput,
    "Input of cancelJob.",
    id="The job.",
)

describe_input(
    resolve_jobs.RetryJobInput,
    "Input of retryJob.",
    id="The job.",
)

describe_input(
    resolve_jobs.RetryFailedJobsInput,
    "Input of retryFailedJobs.",
    kind="The kind of jobs.",
    first="How many jobs, the oldest first; 1 to 100.",
)


@strawberry.type(description="Result of cancelJob.")
class CancelJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The updated job, or the current one after a conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of retryJob.")
class RetryJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The queued job, or the current one after a conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of retryFailedJobs.")
class RetryFailedJobsPayload(ViewerPayload):
    retried_count: int = strawberry.field(description="Number of retried jobs.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class JobMutations:
    cancel_job = strawberry.mutation(
        resolver=resolve_jobs.cancel_job,
        graphql_type=CancelJobPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Cancels one of the viewer's queued or running jobs, or that of any user for an administrator. Completed "
            "steps are kept. Returns CONFLICT if the job is finished."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    retry_job = strawberry.mutation(
        resolver=resolve_jobs.retry_job,
        graphql_type=RetryJobPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Retries one of the viewer's failed or cancelled jobs, or that of any user for an administrator. Completed "
            "steps are kept. Returns CONFLICT for any other status, and if the textbook of the job is deleted."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    retry_failed_jobs = strawberry.mutation(
        resolver=resolve_jobs.retry_failed_jobs,
        graphql_type=RetryFailedJobsPayload | None,
        extensions=[requires(Role.ADMIN)],
        description=(
            "Retries the oldest failed jobs of a kind, of all users; repeat it until fewer are retried than requested. "
            "Jobs of deleted and blocked accounts, and of deleted textbooks, stay."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
