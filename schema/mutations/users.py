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


@strawberry.type(description="What became of changing settings.")
class UpdateStudySettingsPayload(ViewerPayload):
    settings: StudySettings | None = strawberry.field(description="The settings as they are now.")
    errors: list[UserError] = strawberry.field(description="Why nothing was changed.", directives=[list_sizes.ERRORS])


@strawberry.type
class UserMutations:
    update_study_settings = strawberry.mutation(
        resolver=resolve_users.update_study_settings,
        graphql_type=UpdateStudySettingsPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Changes how the viewer studies. Another algorithm moves cards by their reviews; a card that was "
        "never reviewed stays where it is.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
