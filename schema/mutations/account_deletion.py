"""Mutations by which users delete and restore their accounts."""

import strawberry

from domain.enums import Role
from resolvers.mutations import account_deletion as resolve_deletion
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR, Cost
from schema.mutations.payload_base import ViewerPayload
from schema.permissions import requires
from schema.user_errors import UserError
from schema.viewer import AccountDeletion

describe_input(
    resolve_deletion.DeleteAccountInput,
    "Input of deleteAccount.",
    confirmation=(
        "What the user types to confirm it: the email address of the account, or its display name if it has no address."
    ),
)


@strawberry.type(description="Result of deleteAccount.")
class DeleteAccountPayload(ViewerPayload):
    deletion: AccountDeletion | None = strawberry.field(description="When the account is erased.")
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type(description="Result of cancelAccountDeletion.")
class CancelAccountDeletionPayload(ViewerPayload):
    errors: list[UserError] = strawberry.field(
        description="User-correctable errors; empty on success.", directives=[list_sizes.ERRORS]
    )


@strawberry.type
class AccountDeletionMutations:
    delete_account = strawberry.mutation(
        resolver=resolve_deletion.delete_account,
        graphql_type=DeleteAccountPayload | None,
        extensions=[requires(Role.LEARNER)],
        description=(
            "Deletes the viewer's account: jobs are cancelled, and requests and open streams end with ACCOUNT_DELETED, "
            "except for cancelAccountDeletion and requestDataExport. 30 days later everything about the user is "
            "erased. Returns CONFLICT for the last administrator."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
    cancel_account_deletion = strawberry.mutation(
        resolver=resolve_deletion.cancel_account_deletion,
        graphql_type=CancelAccountDeletionPayload | None,
        extensions=[requires(Role.LEARNER)],
        description="Restores the viewer's deleted account. Does nothing for any other account.",
        directives=[NULL_ON_ERROR, Cost(weight="100")],
    )
