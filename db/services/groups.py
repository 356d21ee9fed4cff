"""Teachers manage their groups, learners join and leave them."""

from datetime import datetime

from db.commands import groups as commands
from db.core.transaction import Transaction
from db.queries.groups import GroupInvitationRow, GroupMemberRow, GroupRow, groups_by_id, members_by_id
from db.services.optimistic_lock import check_version
from domain.groups import MAX_GROUPS_OF_USER, MAX_INVITATIONS, MAX_MEMBERS, GroupRole, hash_code, new_code
from domain.ids import GroupId, GroupInvitationId, GroupMemberId, new_id
from domain.user_errors import InvalidInput, UserErrorCode, invalid_input

_TOO_MANY_GROUPS = f"Limit of {MAX_GROUPS_OF_USER} groups reached; leave or delete one first."


async def create_group(transaction: Transaction, name: str, description: str) -> GroupRow:
    """Create a group with the viewer as its teacher. Two statements. Raises InvalidInput at the limit of groups."""
    id = GroupId(new_id())
    values = {"group_id": id, "member_id": new_id(), "name": name, "description": description}
    [result] = await transaction.rows(commands.create_group, **values, max_groups=MAX_GROUPS_OF_USER)
    if not result.created:
        raise invalid_input(UserErrorCode.LIMIT_REACHED, _TOO_MANY_GROUPS)
    return await _group(transaction, id)


async def update_group(
    transaction: Transaction, id: GroupId, expected_version: int, name: str | None, description: str | None
) -> GroupRow:
    """Change a group that the viewer teaches; None is unchanged. Four statements.

    Raises InvalidInput for an unknown group or a version conflict.
    """
    await lock_group(transaction, id, "id")
    check_version(await _group(transaction, id), expected_version)
    await transaction.rows(commands.update_group, group_id=id, new_name=name, new_description=description)
    return await _group(transaction, id)


async def delete_group(transaction: Transaction, id: GroupId, expected_version: int | None) -> None:
    """Delete a group that the viewer teaches, with its assignments. Three statements.

    Raises InvalidInput for an unknown group or a version conflict.
    """
    await lock_group(transaction, id, "id")
    check_version(await _group(transaction, id), expected_version)
    await transaction.rows(commands.delete_group, group_id=id)


async def create_invitation(
    transaction: Transaction, group_id: GroupId, role: GroupRole, max_uses: int, expires_at: datetime
) -> tuple[GroupInvitationRow, str]:
    """Create an invitation and return it with its code, which is stored as a hash. Three statements.

    Raises InvalidInput for an unknown group, and at the limit of invitations.
    """
    await lock_group(transaction, group_id, "groupId")
    [found] = await transaction.rows(commands.open_invitations, group_id=group_id)
    if found.count >= MAX_INVITATIONS:
        message = f"Limit of {MAX_INVITATIONS} invitations of a group reached; revoke one first."
        raise invalid_input(UserErrorCode.LIMIT_REACHED, message)
    code = new_code()
    [invitation] = await transaction.rows(
        commands.insert_invitation,
        invitation_id=new_id(),
        group_id=group_id,
        role=role.value,
        hash=hash_code(code),
        max_uses=max_uses,
        expires_at=expires_at,
    )
    return invitation, code


async def revoke_invitation(transaction: Transaction, id: GroupInvitationId) -> GroupInvitationRow:
    """Revoke an invitation; members stay. One statement. Raises InvalidInput for an unknown one."""
    invitation = await transaction.row(commands.revoke_invitation, invitation_id=id)
    if invitation is None:
        raise invalid_input(UserErrorCode.NOT_FOUND, "Invitation not found.", "id")
    return invitation


async def join_group(transaction: Transaction, code: str, shares_progress: bool) -> GroupRow:
    """Make the viewer a member; a repetition changes nothing. Two statements.

    Raises InvalidInput for a code that is unknown, revoked, expired or used up, and at limits.
    """
    hash = hash_code(code)
    joined = hash and await transaction.row(
        commands.join_group,
        hash=hash,
        member_id=new_id(),
        shares_progress=shares_progress,
        max_members=MAX_MEMBERS,
        max_groups=MAX_GROUPS_OF_USER,
    )
    if not joined:
        # One message, so that a guess learns nothing.
        raise invalid_input(UserErrorCode.NOT_FOUND, "The code is unknown, revoked, expired or used up.", "code")
    if joined.outcome == "FULL":
        raise invalid_input(UserErrorCode.LIMIT_REACHED, f"The group has {MAX_MEMBERS} members.", "code")
    if joined.outcome == "LIMIT":
        raise invalid_input(UserErrorCode.LIMIT_REACHED, _TOO_MANY_GROUPS)
    return await _group(transaction, joined.group_id)


async def set_consent(transaction: Transaction, group_id: GroupId, shares_progress: bool) -> GroupRow:
    """Give or withdraw the consent that teachers see the viewer's progress. Two statements. Raises InvalidInput."""
    await transaction.rows(commands.set_consent, group_id=group_id, shares=shares_progress)
    return await _group(transaction, group_id)


async def leave_group(transaction: Transaction, id: GroupId) -> GroupMemberRow:
    """End the viewer's membership. Three statements, five for a teacher. Raises InvalidInput for the last teacher."""
    return await remove_member(transaction, (await _group(transaction, id)).member_id, "groupId")


async def remove_member(transaction: Transaction, id: GroupMemberId, path: str = "id") -> GroupMemberRow:
    """Remove a member, by themselves or by a teacher. Two to five statements.

    Raises InvalidInput, with this path, for an unknown member and for the last teacher.
    """
    member = await transaction.row(members_by_id, ids=[id])
    # Row-level security also shows teachers to learners, who cannot remove them.
    if member is None or (member.user_id != transaction.viewer.id and not await _teaches(transaction, member.group_id)):
        raise invalid_input(UserErrorCode.NOT_FOUND, "Member not found.", path)
    if member.role == GroupRole.TEACHER:
        await lock_group(transaction, member.group_id, path)
        [others] = await transaction.rows(commands.other_teachers, group_id=member.group_id, member_id=id)
        if not others.count:
            message = "The last teacher cannot leave the group; delete it, or invite another teacher."
            raise invalid_input(UserErrorCode.CONFLICT, message, path)
    await transaction.rows(commands.delete_member, member_id=id)
    return member


async def lock_group(transaction: Transaction, id: GroupId, path: str) -> None:
    """Lock a group that the viewer teaches. One statement. Raises InvalidInput."""
    if await transaction.row(commands.lock_group, group_id=id) is None:
        raise _not_found(path)


def _not_found(path: str) -> InvalidInput:
    return invalid_input(UserErrorCode.NOT_FOUND, "Group not found.", path)


async def _teaches(transaction: Transaction, group_id: GroupId) -> bool:
    group = await transaction.row(groups_by_id, ids=[group_id])
    return group is not None and group.role == GroupRole.TEACHER


async def _group(transaction: Transaction, id: GroupId) -> GroupRow:
    group = await transaction.row(groups_by_id, ids=[id])
    if group is None:
        raise _not_found("groupId")
    return group
