"""Mutations of roles and blocks, for administrators."""

import strawberry

from domain.enums import Role
from resolvers.mutations import managed_users as resolve_managed_users
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.managed_users import ManagedUser
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError

_REASON = "The reason, for the audit log; 1 to 500 characters."

describe_input(
    resolve_managed_users.SetUserRoleInput,
    "Input of setUserRole.",
    user_id="The user.",
    role="The new role.",
    reason=_REASON,
    expected_role="The role on which the change is based.",
    expected_version="The version on which the change is based; null for any.",
)

describe_input(
    resolve_managed_users.BlockUserInput,
    "Input of blockUser.",
    user_id="The user.",
    reason="The reason, which the user sees; 1 to 500 characters.",
    until="When the block expires, in the next hundred years; null if it does not.",
    expected_version="The version on which the change is based; null for any.",
)

describe_input(
    resolve_managed_users.UnblockUserInput,
    "Input of unblockUser.",
    user_id="The user.",
    reason="The reason, for the audit log; max 500 characters.",
    expected_version="The version on which the change is based; null for any.",
)


@strawberry.type
class _ManagedUserPayload(ViewerPayload):
    user: ManagedUser | None = strawberry.field(description="The updated user, or the current one after a conflict.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of setUserRole.")
class SetUserRolePayload(_ManagedUserPayload):
    pass


@strawberry.type(description="Result of blockUser.")
class BlockUserPayload(_ManagedUserPayload):
    pass


@strawberry.type(description="Result of unblockUser.")
class UnblockUserPayload(_ManagedUserPayload):
    pass


@strawberry.type
class ManagedUserMutations:
    set_user_role = strawberry.mutation(
        resolver=resolve_managed_users.set_user_role,
        graphql_type=SetUserRolePayload | None,
        extensions=[requires(Role.ADMIN)],
        description=(
            "Changes the role of a user; open streams of the account end, to reconnect with it. Returns CONFLICT for "
            "the last administrator who is not blocked, and if `expectedRole` is not the current role, or "
            "`expectedVersion` not the current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    block_user = strawberry.mutation(
        resolver=resolve_managed_users.block_user,
        graphql_type=BlockUserPayload | None,
        extensions=[requires(Role.ADMIN)],
        description=(
            "Blocks a user: until it expires or is lifted, requests and open streams of the account end with "
            "ACCOUNT_BLOCKED. Changes the block of a blocked user. Returns CONFLICT if `expectedVersion` is not the "
            "current version."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    unblock_user = strawberry.mutation(
        resolver=resolve_managed_users.unblock_user,
        graphql_type=UnblockUserPayload | None,
        extensions=[requires(Role.ADMIN)],
        description="Lifts the block of a user. Returns CONFLICT if `expectedVersion` is not the current version.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
