"""Mutations of the limits of a day: extend them, undo an extension."""

import strawberry

from domain.enums import Role
from resolvers.mutations import study as resolve_study
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.study import DayLimits
from schema.user_errors import UserError

describe_input(
    resolve_study.ExtendTodayLimitsInput,
    "Input of extendTodayLimits. At least one number is required.",
    new_cards="How many new cards more are allowed today: 1 to 9,999, in total of a day as well.",
    reviews="How many reviews more are allowed today: 1 to 9,999, in total of a day as well.",
    idempotency_key=(
        "Idempotency key of the extension, such as a UUID; 1 to 200 characters. A repeated request adds nothing."
    ),
)

describe_input(
    resolve_study.UndoLimitExtensionInput,
    "Input of undoLimitExtension.",
    idempotency_key="The idempotency key of the extension.",
)


@strawberry.type(description="Result of extendTodayLimits.")
class ExtendTodayLimitsPayload(ViewerPayload):
    limits: DayLimits | None = strawberry.field(description="The limits of today.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of undoLimitExtension.")
class UndoLimitExtensionPayload(ViewerPayload):
    limits: DayLimits | None = strawberry.field(description="The limits of today, without the extension.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class StudyMutations:
    extend_today_limits = strawberry.mutation(
        resolver=resolve_study.extend_today_limits,
        graphql_type=ExtendTodayLimitsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Adds to the limits of new cards and reviews until the learner's day ends, on all devices. The settings "
            "are unchanged."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    undo_limit_extension = strawberry.mutation(
        resolver=resolve_study.undo_limit_extension,
        graphql_type=UndoLimitExtensionPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Undoes an extension by `extendTodayLimits`. Cards that were studied meanwhile stay so. A repeated request "
            "changes nothing, nor does the request of the extension if it arrives again."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
