"""The mutations that request exports."""

import strawberry

from domain.enums import Role
from resolvers.mutations import exports as resolve_exports
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

describe_input(
    resolve_exports.RequestExportInput,
    "Input of requestExport.",
    names={"from_": "from"},
    kind="Kind of data.",
    format="File format.",
    from_="Inclusive lower bound of the review time, or of the creation time of cards and learners.",
    to="Exclusive upper bound.",
)

describe_input(
    resolve_exports.RequestDataExportInput,
    "Input of requestDataExport.",
    idempotency_key="Repeated requests with the same key return the same job; max 100 characters.",
)


@strawberry.type(description="Result of requestExport.")
class RequestExportPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The export job. Its result has the link.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of requestDataExport.")
class RequestDataExportPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The export job. Its result has the link.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class ExportMutations:
    request_export = strawberry.mutation(
        resolver=resolve_exports.request_export,
        graphql_type=RequestExportPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Exports the viewer's reviews or cards to a file; administrators can export all learners. The "
            "link expires after 24 hours."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    request_data_export = strawberry.mutation(
        resolver=resolve_exports.request_data_export,
        graphql_type=RequestDataExportPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Exports everything that is stored about the viewer to a zip archive of JSON and CSV. The link expires "
            "after 24 hours."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
