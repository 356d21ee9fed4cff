"""Jobs are cancelled and tried again."""

import strawberry

from domain.enums import Role
from resolvers.mutations import jobs as resolve_jobs
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="What became of stopping a job.")
class CancelJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The job as it is now.")
    errors: list[UserError] = strawberry.field(description="Why it was not stopped.", directives=[list_sizes.ERRORS])


@strawberry.type(description="What became of trying a job again.")
class RetryJobPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The job, which waits for a worker.")
    errors: list[UserError] = strawberry.field(description="Why it is not tried again.", directives=[list_sizes.ERRORS])


@strawberry.type
class JobMutations:
    cancel_job = strawberry.mutation(
        resolver=resolve_jobs.cancel_job,
        graphql_type=CancelJobPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Stops a job of one's own that waits or runs. What it finished is kept. CONFLICT where it ended.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    retry_job = strawberry.mutation(
        resolver=resolve_jobs.retry_job,
        graphql_type=RetryJobPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Tries a job again that failed or was cancelled. Finished steps are kept. CONFLICT for any other.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
