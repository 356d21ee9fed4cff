"""Files are asked for."""

import strawberry

from domain.enums import Role
from resolvers.mutations import exports as resolve_exports
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.jobs import Job
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError


@strawberry.type(description="What became of asking for a file.")
class RequestExportPayload(ViewerPayload):
    job: Job | None = strawberry.field(description="The job that makes it. Its result has the link.")
    errors: list[UserError] = strawberry.field(description="Why none is made.", directives=[list_sizes.ERRORS])


@strawberry.type
class ExportMutations:
    request_export = strawberry.mutation(
        resolver=resolve_exports.request_export,
        graphql_type=RequestExportPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Asks for a file of one's reviews or cards; for administrators, of all learners. "
        "The link works for 24 hours.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
