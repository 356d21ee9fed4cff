"""Mutations of roles and blocks, for administrators."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import strawberry

from db.queries.managed_users import ManagedUserRow
from db.services import managed_users as user_service
from domain.enums import Role
from domain.ids import UserId
from domain.rate_limits import WRITES
from domain.user_errors import UserErrorCode
from domain.validation import Validator
from resolvers.context import Context, Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import rate_limited

MAX_REASON = 500
MAX_BLOCK = timedelta(days=36_525)


@dataclass(kw_only=True)
class SetUserRoleInput:
    user_id: strawberry.ID
    role: Role
    reason: str
    expected_role: Role | None = None
    expected_version: int | None = None


@dataclass(kw_only=True)
class BlockUserInput:
    user_id: strawberry.ID
    reason: str
    until: datetime | None = None
    expected_version: int | None = None


@dataclass(kw_only=True)
class UnblockUserInput:
    user_id: strawberry.ID
    reason: str | None = None
    expected_version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedUserPayload(Payload):
    """The updated user."""

    user: ManagedUserRow | None = None


@returns_user_errors(ManagedUserPayload, current="user")
@rate_limited(WRITES)
async def set_user_role(info: Info, input: SetUserRoleInput) -> ManagedUserPayload:
    validator = Validator()
    id = validator.parse_id(UserId, input.user_id, "userId")
    reason = validator.text(input.reason, MAX_REASON, "reason")
    validator.raise_if_invalid()
    save = partial(user_service.set_role, id=id, role=input.role, reason=reason, expected=input.expected_role)
    return await _save(info.context, save, input.expected_version)


@returns_user_errors(ManagedUserPayload, current="user")
@rate_limited(WRITES)
async def block_user(info: Info, input: BlockUserInput) -> ManagedUserPayload:
    validator = Validator()
    id = validator.parse_id(UserId, input.user_id, "userId")
    reason = validator.text(input.reason, MAX_REASON, "reason")
    if input.until is not None and not info.context.now < input.until <= info.context.now + MAX_BLOCK:
        message = f"until: {input.until.isoformat()} is not in the next hundred years; omit it for a block that stays."
        validator.add_error(UserErrorCode.OUT_OF_RANGE, message, "until")
    validator.raise_if_invalid()
    return await _save(
        info.context, partial(user_service.block_user, id=id, reason=reason, until=input.until), input.expected_version
    )


@returns_user_errors(ManagedUserPayload, current="user")
@rate_limited(WRITES)
async def unblock_user(info: Info, input: UnblockUserInput) -> ManagedUserPayload:
    validator = Validator()
    id = validator.parse_id(UserId, input.user_id, "userId")
    reason = validator.text(input.reason or "", MAX_REASON, "reason", empty=True) or None
    validator.raise_if_invalid()
    return await _save(info.context, partial(user_service.unblock_user, id=id, reason=reason), input.expected_version)


async def _save(
    context: Context, save: Callable[..., Awaitable[ManagedUserRow]], expected_version: int | None
) -> ManagedUserPayload:
    user = await context.run_transaction(partial(save, expected_version=expected_version))
    # Every process then has forgotten the former role or the block.
    await context.services.changes.wait_for_all()
    return ManagedUserPayload(user=user)
