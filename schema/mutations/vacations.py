"""The mutations that start and end vacations."""

import strawberry

from domain.enums import Role
from resolvers.mutations import vacations as resolve_vacations
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.vacations import Vacation

describe_input(
    resolve_vacations.StartVacationInput,
    "Input of startVacation. Days are in the learner's time zone.",
    starts_on="The first day, up to 366 days ahead; today by default.",
    ends_on="The last day. A vacation has up to 366 days.",
    idempotency_key="Idempotency key, 1 to 200 characters. A repeated request returns what is left of its vacation.",
)
describe_input(
    resolve_vacations.EndVacationInput,
    "Input of endVacation.",
    undo="Whether its past days become days without reviews, as if there had been no vacation.",
)

_JOB = (
    "The job that changes the vacation and moves the due days of a learner with over 50,000 reviews. Nothing changes "
    "before its end, or if it is cancelled."
)


@strawberry.type(description="Result of startVacation.")
class StartVacationPayload(ViewerPayload):
    vacation: Vacation | None = strawberry.field(
        description="The vacation; null if it was undone since, or starts with the job."
    )
    job: ref.Job | None = strawberry.field(description=_JOB)
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of endVacation.")
class EndVacationPayload(ViewerPayload):
    vacation: Vacation | None = strawberry.field(
        description="The days that remain of it, or all until the job has ended; null if there are none."
    )
    job: ref.Job | None = strawberry.field(description=_JOB)
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class VacationMutations:
    start_vacation = strawberry.mutation(
        resolver=resolve_vacations.start_vacation,
        graphql_type=StartVacationPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Starts or plans a vacation. Cards that are due on its first day or later are due as many days later, "
            "sessions have no new cards and no reviews, and the streak does not end."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    end_vacation = strawberry.mutation(
        resolver=resolve_vacations.end_vacation,
        graphql_type=EndVacationPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Ends the vacation before today, or cancels a planned one: due days move back by the days that are left."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
