"""Queries for the viewer's groups, their members and invitations. Row-level security hides other groups."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import UUID

from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, row_columns
from db.tables.groups import group_invitations, group_members, groups
from db.tables.views import group_profiles
from domain.groups import GroupRole
from domain.ids import GroupId, GroupInvitationId, GroupMemberId, UserId


class GroupRow(Row):
    """A group, with the viewer's own membership."""

    __slots__ = ()
    id: GroupId
    name: str
    description: str
    version: int
    created_at: datetime
    updated_at: datetime
    role: GroupRole
    shares_progress: bool
    member_id: GroupMemberId


class GroupMemberRow(Row):
    """A member of a group."""

    __slots__ = ()
    id: GroupMemberId
    group_id: GroupId
    user_id: UserId
    display_name: str
    role: GroupRole
    shares_progress: bool
    joined_at: datetime


class GroupInvitationRow(Row):
    """An invitation, without its code."""

    __slots__ = ()
    id: GroupInvitationId
    group_id: GroupId
    role: GroupRole
    max_uses: int
    uses: int
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


own_groups = (
    select(
        *row_columns(groups, GroupRow),
        group_members.c.role,
        group_members.c.shares_progress,
        group_members.c.id.label("member_id"),
    )
    .join_from(groups, group_members, group_members.c.group_id == groups.c.id)
    .where(group_members.c.user_id == VIEWER_ID)
)
groups_by_id = Query(own_groups.where(any_of(groups.c.id, IDS)), GroupRow, rls_scoped=True)
# Newest first. Parameter: viewer_id.
paged_groups = PagedQuery(own_groups, Ordering("group", (groups.c.id,), descending=True), GroupRow, rls_scoped=True)

members = select(*row_columns(group_profiles, GroupMemberRow))
members_by_id = Query(members.where(any_of(group_profiles.c.id, IDS)), GroupMemberRow, rls_scoped=True)
# The learners of groups who share their progress. Parameter: ids.
sharing_members_by_group_id = Query(
    members.where(
        any_of(group_profiles.c.group_id, IDS),
        group_profiles.c.role == GroupRole.LEARNER.value,
        group_profiles.c.shares_progress,
    ).order_by(group_profiles.c.display_name, group_profiles.c.id),
    GroupMemberRow,
    rls_scoped=True,
)
# In the order in which they joined.
paged_members = NestedPagedQuery(
    members,
    group_profiles.c.group_id,
    Ordering("group.members", (group_profiles.c.id,)),
    GroupMemberRow,
    rls_scoped=True,
)

_invitations = select(*row_columns(group_invitations, GroupInvitationRow))
invitations_by_id = Query(_invitations.where(any_of(group_invitations.c.id, IDS)), GroupInvitationRow, rls_scoped=True)
# Newest first.
paged_invitations = NestedPagedQuery(
    _invitations,
    group_invitations.c.group_id,
    Ordering("group.invitations", (group_invitations.c.id,), descending=True),
    GroupInvitationRow,
    rls_scoped=True,
)
GROUP_ID = bindparam("group_id", type_=UUID)
