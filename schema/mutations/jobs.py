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


@strawberry.type(description="Result of cancelJob.")
class CancelJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The updated job.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of retryJob.")
class RetryJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The queued job.")
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
            "Cancels one of the viewer's queued or running jobs. Completed steps are kept. Returns CONFLICT "
            "if the job is finished."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    retry_job = strawberry.mutation(
        resolver=resolve_jobs.retry_job,
        graphql_type=RetryJobPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Retries a failed or cancelled job. Completed steps are kept. Returns CONFLICT for any other status."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
