"""Statements that write groups, memberships and invitations. Their policies admit teachers, or the member."""

from sqlalchemy import Boolean, Integer, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import UUID

from db.core.pagination import CountRow
from db.core.statement import Command, Row
from db.queries.expressions import NOW, VIEWER_ID, row_columns
from db.queries.groups import GROUP_ID, GroupInvitationRow
from db.tables.base import Timestamp
from db.tables.groups import group_invitations, group_members, groups
from db.tables.views import group_profiles
from domain.groups import GroupRole
from domain.ids import GroupId

_MEMBER_ID = bindparam("member_id", type_=UUID)
_MAX_GROUPS = bindparam("max_groups", type_=Integer)


class CreatedRow(Row):
    """Whether the viewer had less than the maximum number of groups."""

    __slots__ = ()
    created: bool


class JoinedRow(Row):
    """The group of an invitation, and its outcome: JOINED, MEMBER, FULL or LIMIT."""

    __slots__ = ()
    group_id: GroupId
    outcome: str


# Parameters: group_id, member_id, name, description, now, max_groups.
create_group = Command(
    select(
        func.create_group(
            GROUP_ID,
            _MEMBER_ID,
            bindparam("name", type_=Text),
            bindparam("description", type_=Text),
            NOW,
            _MAX_GROUPS,
        ).label("created")
    ),
    CreatedRow,
)
_joined = func.join_group(
    bindparam("hash", type_=Text),
    _MEMBER_ID,
    bindparam("shares_progress", type_=Boolean),
    NOW,
    bindparam("max_members", type_=Integer),
    _MAX_GROUPS,
).table_valued("group_id", "outcome")
# Parameters: hash, member_id, shares_progress, now, max_members, max_groups.
join_group = Command(select(_joined), JoinedRow)

# No row unless the viewer teaches the group. Parameter: group_id.
lock_group = Command(select(groups.c.id).where(groups.c.id == GROUP_ID).with_for_update(), Row)
# Parameters: group_id, new_name, new_description (null: unchanged), now.
update_group = Command(
    update(groups)
    .values(
        name=func.coalesce(bindparam("new_name", type_=Text), groups.c.name),
        description=func.coalesce(bindparam("new_description", type_=Text), groups.c.description),
        version=groups.c.version + 1,
        updated_at=NOW,
    )
    .where(groups.c.id == GROUP_ID),
    Row,
)
# Cascades to members, invitations and assignments. Parameter: group_id.
delete_group = Command(delete(groups).where(groups.c.id == GROUP_ID), Row)

# Parameters: group_id, shares_progress, now. A repeated change has no effect.
set_consent = Command(
    update(group_members)
    .values(shares_progress=bindparam("shares", type_=Boolean), consent_changed_at=NOW)
    .where(
        group_members.c.group_id == GROUP_ID,
        group_members.c.user_id == VIEWER_ID,
        group_members.c.shares_progress != bindparam("shares", type_=Boolean),
    ),
    Row,
)
# Without those whose accounts are deleted. Parameters: group_id, member_id.
other_teachers = Command(
    select(func.count().label("count")).where(
        group_profiles.c.group_id == GROUP_ID,
        group_profiles.c.role == GroupRole.TEACHER.value,
        group_profiles.c.id != _MEMBER_ID,
    ),
    CountRow,
)
# Parameter: member_id.
delete_member = Command(delete(group_members).where(group_members.c.id == _MEMBER_ID), Row)

# Of a group, that can still be used. Parameters: group_id, now.
open_invitations = Command(
    select(func.count().label("count")).where(
        group_invitations.c.group_id == GROUP_ID,
        group_invitations.c.revoked_at.is_(None),
        group_invitations.c.expires_at > NOW,
    ),
    CountRow,
)
# Parameters: invitation_id, group_id, role, hash, max_uses, expires_at, now.
insert_invitation = Command(
    insert(group_invitations)
    .values(
        id=bindparam("invitation_id", type_=UUID),
        group_id=GROUP_ID,
        role=bindparam("role", type_=Text),
        code_hash=bindparam("hash", type_=Text),
        max_uses=bindparam("max_uses", type_=Integer),
        expires_at=bindparam("expires_at", type_=Timestamp),
        created_at=NOW,
    )
    .returning(*row_columns(group_invitations, GroupInvitationRow)),
    GroupInvitationRow,
)
# Keeps the time of an earlier revocation. Parameters: invitation_id, now.
revoke_invitation = Command(
    update(group_invitations)
    .values(revoked_at=func.coalesce(group_invitations.c.revoked_at, NOW))
    .where(group_invitations.c.id == bindparam("invitation_id", type_=UUID))
    .returning(*row_columns(group_invitations, GroupInvitationRow)),
    GroupInvitationRow,
)
