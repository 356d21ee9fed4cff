"""The mutations of members of groups and of invitations."""

import strawberry

from domain.enums import Role
from domain.groups import DEFAULT_INVITATION_LIFETIME, MAX_INVITATION_LIFETIME, MAX_MEMBERS
from resolvers.mutations import group_members as resolve_members
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.groups import GroupInvitation
from schema.mutations.groups import GroupPayload
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

_SHARES = "Whether teachers of the group see the viewer's progress."

describe_input(
    resolve_members.CreateGroupInvitationInput,
    "Input of createGroupInvitation.",
    group_id="The group.",
    role="The role of those who join with it.",
    max_uses=f"How many users can join with it, between 1 and {MAX_MEMBERS}.",
    expires_at=(
        f"When it expires, in the next {MAX_INVITATION_LIFETIME.days} days; "
        f"{DEFAULT_INVITATION_LIFETIME.days} days from now by default."
    ),
)
describe_input(resolve_members.RevokeGroupInvitationInput, "Input of revokeGroupInvitation.", id="The invitation.")
describe_input(
    resolve_members.JoinGroupInput,
    "Input of joinGroup.",
    code="The code of an invitation, in any case, with or without hyphens.",
    shares_progress=_SHARES,
)
describe_input(
    resolve_members.SetGroupConsentInput, "Input of setGroupConsent.", group_id="The group.", shares_progress=_SHARES
)
describe_input(resolve_members.LeaveGroupInput, "Input of leaveGroup.", group_id="The group.")
describe_input(resolve_members.RemoveGroupMemberInput, "Input of removeGroupMember.", id="The member.")


@strawberry.type
class _InvitationPayload(ViewerPayload):
    invitation: GroupInvitation | None = strawberry.field(description="The invitation.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class _RemovedPayload(ViewerPayload):
    deleted_id: strawberry.ID | None = strawberry.field(description="The id of the former member.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of createGroupInvitation.")
class CreateGroupInvitationPayload(_InvitationPayload):
    code: str | None = strawberry.field(
        description="The code, which is not shown again. Clients can put it into a link."
    )


@strawberry.type(description="Result of revokeGroupInvitation.")
class RevokeGroupInvitationPayload(_InvitationPayload):
    pass


@strawberry.type(description="Result of joinGroup.")
class JoinGroupPayload(GroupPayload):
    pass


@strawberry.type(description="Result of setGroupConsent.")
class SetGroupConsentPayload(GroupPayload):
    pass


@strawberry.type(description="Result of leaveGroup.")
class LeaveGroupPayload(_RemovedPayload):
    pass


@strawberry.type(description="Result of removeGroupMember.")
class RemoveGroupMemberPayload(_RemovedPayload):
    pass


@strawberry.type
class GroupMemberMutations:
    create_group_invitation = strawberry.mutation(
        resolver=resolve_members.create_invitation,
        graphql_type=CreateGroupInvitationPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Creates an invitation to a group. Teachers only.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    revoke_group_invitation = strawberry.mutation(
        resolver=resolve_members.revoke_invitation,
        graphql_type=RevokeGroupInvitationPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Revokes an invitation; those who joined with it stay. Teachers only.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    join_group = strawberry.mutation(
        resolver=resolve_members.join_group,
        graphql_type=JoinGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Makes the viewer a member of a group. Returns NOT_FOUND for a code that is wrong, revoked, expired or "
            "used up. A member who joins again stays as they are, except that a teacher's invitation makes a learner "
            "a teacher."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    set_group_consent = strawberry.mutation(
        resolver=resolve_members.set_consent,
        graphql_type=SetGroupConsentPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Gives or withdraws the consent that teachers of a group see the viewer's progress.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    leave_group = strawberry.mutation(
        resolver=resolve_members.leave_group,
        graphql_type=LeaveGroupPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Ends the viewer's membership. Returns CONFLICT for the last teacher.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    remove_group_member = strawberry.mutation(
        resolver=resolve_members.remove_member,
        graphql_type=RemoveGroupMemberPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Ends the membership of a member. Teachers only. Returns CONFLICT for the last teacher.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
