"""Groups of teachers and learners."""

import datetime

import strawberry

from db.queries.groups import GroupInvitationRow, GroupMemberRow, GroupRow
from domain.groups import GroupRole
from resolvers import groups as resolve_groups
from schema import lazy_types as ref
from schema import list_sizes
from schema.connections import Connection
from schema.directives import NULL_ON_ERROR, Cost
from schema.managed_users import UserStatistics
from schema.nodes import Node, is_row


@strawberry.type(description="A member of a group. Learners see themselves and the teachers.")
class GroupMember(Node):
    is_type_of = is_row(GroupMemberRow)

    user_id = strawberry.field(
        resolver=resolve_groups.user_id, graphql_type=strawberry.ID, description="Global id of the user."
    )
    display_name: str = strawberry.field(description="Display name.", directives=[Cost(weight="3")])
    role: GroupRole = strawberry.field(description="The role in the group.")
    shares_progress: bool = strawberry.field(description="Whether teachers of the group see the learner's progress.")
    joined_at: datetime.datetime = strawberry.field(description="When the member joined.")
    statistics = strawberry.field(
        resolver=resolve_groups.statistics,
        graphql_type=UserStatistics | None,
        description=(
            "The totals of the learner's dashboard, for teachers of the group; null unless the learner shares their "
            "progress. Each look is an entry of the audit log."
        ),
        directives=[Cost(weight="10")],
    )


@strawberry.type(description="An invitation to a group, for its teachers. Its code is shown once, when it is created.")
class GroupInvitation(Node):
    is_type_of = is_row(GroupInvitationRow)

    role: GroupRole = strawberry.field(description="The role of those who join with it.")
    max_uses: int = strawberry.field(description="How many users can join with it.")
    uses: int = strawberry.field(description="How many users joined with it.")
    expires_at: datetime.datetime = strawberry.field(description="When it expires.")
    revoked_at: datetime.datetime | None = strawberry.field(description="When it was revoked; null if it was not.")
    created_at: datetime.datetime = strawberry.field(description="When it was created.")


@strawberry.type(description="A group of teachers and learners, visible to its members only.")
class Group(Node):
    is_type_of = is_row(GroupRow)

    name: str = strawberry.field(description="Name.", directives=[Cost(weight="2")])
    description: str = strawberry.field(description="Description.", directives=[Cost(weight="20")])
    version: int = strawberry.field(
        description="Version for optimistic locking; incremented by every change. Pass it as `expectedVersion`."
    )
    created_at: datetime.datetime = strawberry.field(description="When it was created.")
    updated_at: datetime.datetime = strawberry.field(description="When it was last changed.")
    role: GroupRole = strawberry.field(description="The viewer's role in the group.")
    shares_progress: bool = strawberry.field(description="Whether the viewer shares their progress with its teachers.")
    members = strawberry.field(
        resolver=resolve_groups.members,
        graphql_type=Connection[GroupMember] | None,
        description="All members, for learners only the teachers and the viewer, in the order in which they joined.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    invitations = strawberry.field(
        resolver=resolve_groups.invitations,
        graphql_type=Connection[GroupInvitation] | None,
        description="Invitations, newest first; none for learners.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
    assignments = strawberry.field(
        resolver=resolve_groups.assignments,
        graphql_type=Connection[ref.Assignment] | None,
        description="Assignments, the earliest due time first.",
        directives=[NULL_ON_ERROR, list_sizes.FORWARD_PAGE],
    )
