"""The mutation that fits parameters."""

import strawberry

from domain.enums import Role
from resolvers.mutations import scheduling as resolve_scheduling
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_scheduling.OptimizeSchedulingInput,
    "Input of optimizeScheduling.",
    idempotency_key="Idempotency key, 1 to 200 characters. A repeated request returns the first job.",
)


@strawberry.type(description="Result of optimizeScheduling.")
class OptimizeSchedulingPayload(ViewerPayload):
    job: ref.Job | None = strawberry.field(description="The job that fits the parameters.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class SchedulingMutations:
    optimize_scheduling = strawberry.mutation(
        resolver=resolve_scheduling.optimize_scheduling,
        graphql_type=OptimizeSchedulingPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Fits the parameters of FSRS to the learner's reviews, of which 400 are needed. They are used if they "
            "predict the last fifth of the reviews better than those before."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
