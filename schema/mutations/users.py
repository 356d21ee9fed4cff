"""How a learner studies is changed."""

import strawberry

from domain.enums import Role
from resolvers.mutations import users as resolve_users
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.viewer import StudySettings


@strawberry.type(description="Result of updateStudySettings.")
class UpdateStudySettingsPayload(ViewerPayload):
    settings: StudySettings | None = strawberry.field(description="The updated settings.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class UserMutations:
    update_study_settings = strawberry.mutation(
        resolver=resolve_users.update_study_settings,
        graphql_type=UpdateStudySettingsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Updates the study settings. A new algorithm reschedules cards from their reviews; new cards are unchanged."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
