"""The mutations of members of groups and of invitations."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import strawberry

from db.queries.groups import GroupInvitationRow
from db.services import groups as group_service
from domain.groups import (
    DEFAULT_INVITATION_LIFETIME,
    DEFAULT_INVITATION_USES,
    MAX_INVITATION_LIFETIME,
    MAX_MEMBERS,
    GroupRole,
)
from domain.ids import GroupId, GroupInvitationId, GroupMemberId, global_id
from domain.rate_limits import JOINED_GROUPS, WRITES
from domain.user_errors import UserErrorCode
from domain.validation import Validator, validated_id
from resolvers.context import Info
from resolvers.mutations.groups import GroupPayload
from resolvers.mutations.payload_base import DeletedPayload, Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_CODE = 100


@dataclass(kw_only=True)
class CreateGroupInvitationInput:
    group_id: strawberry.ID
    role: GroupRole = GroupRole.LEARNER
    max_uses: int = DEFAULT_INVITATION_USES
    expires_at: datetime | None = None


@dataclass(kw_only=True)
class RevokeGroupInvitationInput:
    id: strawberry.ID


@dataclass(kw_only=True)
class JoinGroupInput:
    code: str
    shares_progress: bool = False


@dataclass(kw_only=True)
class SetGroupConsentInput:
    group_id: strawberry.ID
    shares_progress: bool


@dataclass(kw_only=True)
class LeaveGroupInput:
    group_id: strawberry.ID


@dataclass(kw_only=True)
class RemoveGroupMemberInput:
    id: strawberry.ID


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationPayload(Payload):
    """`code`: of a new invitation."""

    invitation: GroupInvitationRow | None = None
    code: str | None = None


@returns_user_errors(InvitationPayload)
@rate_limited(WRITES)
async def create_invitation(info: Info, input: CreateGroupInvitationInput) -> InvitationPayload:
    validator, now = Validator(), info.context.now
    group_id = validator.parse_id(GroupId, input.group_id, "groupId")
    validator.number(input.max_uses, 1, MAX_MEMBERS, "maxUses")
    expires_at = now + DEFAULT_INVITATION_LIFETIME if input.expires_at is None else input.expires_at
    if not now < expires_at <= now + MAX_INVITATION_LIFETIME:
        message = f"expiresAt: {expires_at.isoformat()} is not in the next {MAX_INVITATION_LIFETIME.days} days."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "expiresAt")
    validator.raise_if_invalid()
    create = partial(
        group_service.create_invitation,
        group_id=group_id,
        role=input.role,
        max_uses=input.max_uses,
        expires_at=expires_at,
    )
    invitation, code = await info.context.run_transaction(create)
    return InvitationPayload(invitation=invitation, code=code)


@returns_user_errors(InvitationPayload)
@rate_limited(WRITES)
async def revoke_invitation(info: Info, input: RevokeGroupInvitationInput) -> InvitationPayload:
    id = validated_id(GroupInvitationId, input.id, "id")
    revoke = partial(group_service.revoke_invitation, id=id)
    return InvitationPayload(invitation=await info.context.run_transaction(revoke))


@returns_user_errors(GroupPayload)
@rate_limited(JOINED_GROUPS)
async def join_group(info: Info, input: JoinGroupInput) -> GroupPayload:
    validator = Validator()
    code = validator.line(input.code, MAX_CODE, "code")
    validator.raise_if_invalid()
    join = partial(group_service.join_group, code=code, shares_progress=input.shares_progress)
    return GroupPayload(group=await info.context.run_transaction(join))


@returns_user_errors(GroupPayload)
@rate_limited(WRITES)
async def set_consent(info: Info, input: SetGroupConsentInput) -> GroupPayload:
    id = validated_id(GroupId, input.group_id, "groupId")
    consent = partial(group_service.set_consent, group_id=id, shares_progress=input.shares_progress)
    return GroupPayload(group=await info.context.run_transaction(consent))


@returns_user_errors(DeletedPayload)
@rate_limited(WRITES)
async def leave_group(info: Info, input: LeaveGroupInput) -> DeletedPayload:
    id = validated_id(GroupId, input.group_id, "groupId")
    member = await info.context.run_transaction(partial(group_service.leave_group, id=id))
    return DeletedPayload(deleted_id=strawberry.ID(global_id("GroupMember", member.id)))


@returns_user_errors(DeletedPayload)
@rate_limited(WRITES)
async def remove_member(info: Info, input: RemoveGroupMemberInput) -> DeletedPayload:
    id = validated_id(GroupMemberId, input.id, "id")
    await info.context.run_transaction(partial(group_service.remove_member, id=id))
    return DeletedPayload(deleted_id=input.id)
