"""The mutations of groups."""

import strawberry

from domain.enums import Role
from domain.groups import MAX_DESCRIPTION, MAX_GROUPS_OF_USER, MAX_NAME
from resolvers.mutations import groups as resolve_groups
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.groups import Group
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

_NAME = f"Name; 1 to {MAX_NAME} characters."
_DESCRIPTION = f"Description; max {MAX_DESCRIPTION:,} characters."

describe_input(resolve_groups.CreateGroupInput, "Input of createGroup.", name=_NAME, description=_DESCRIPTION)
describe_input(
    resolve_groups.UpdateGroupInput,
    "Input of updateGroup. Omitted fields are unchanged.",
    id="The group.",
    expected_version="The version on which the change is based.",
    name=_NAME,
    description=_DESCRIPTION,
)
describe_input(
    resolve_groups.DeleteGroupInput,
    "Input of deleteGroup.",
    id="The group.",
    expected_version="The version on which the change is based; any if omitted.",
)


@strawberry.type
class GroupPayload(ViewerPayload):
    group: Group | None = strawberry.field(description="The group after the change.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createGroup.")
class CreateGroupPayload(GroupPayload):
    pass


@strawberry.type(description="Result of updateGroup.")
class UpdateGroupPayload(GroupPayload):
    pass


@strawberry.type(description="Result of deleteGroup.")
class DeleteGroupPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the group.")
    group: Group | None = strawberry.field(description="The current group after a version conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class GroupMutations:
    create_group = strawberry.mutation(
        resolver=resolve_groups.create_group,
        graphql_type=CreateGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Creates a group with the viewer as its teacher. Returns LIMIT_REACHED if the viewer is a member of "
            f"{MAX_GROUPS_OF_USER} groups."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    update_group = strawberry.mutation(
        resolver=resolve_groups.update_group,
        graphql_type=UpdateGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Changes a group. Teachers only. CONFLICT has the current group.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    delete_group = strawberry.mutation(
        resolver=resolve_groups.delete_group,
        graphql_type=DeleteGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Deletes a group permanently, with its assignments. Teachers only. Returns CONFLICT if `expectedVersion` "
            "is not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
