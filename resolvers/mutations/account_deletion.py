"""Mutations by which users delete and restore their accounts."""

from dataclasses import dataclass
from functools import partial

from db.services import account_deletion as deletion_service
from domain.accounts import AccountDeletion
from domain.rate_limits import WRITES
from domain.user_errors import InvalidInput
from domain.validation import Validator
from resolvers.context import Info
from resolvers.mutations.payload_base import Payload, returns_user_errors
from resolvers.rate_limits import declare_rate_limit, rate_limited

# Of e-mail addresses (RFC 5321) and display names.
MAX_CONFIRMATION = 320


@dataclass(kw_only=True)
class DeleteAccountInput:
    confirmation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteAccountPayload(Payload):
    """The deletion, which can be cancelled."""

    deletion: AccountDeletion | None = None


@returns_user_errors(DeleteAccountPayload)
@rate_limited(WRITES)
async def delete_account(info: Info, input: DeleteAccountInput) -> DeleteAccountPayload:
    validator = Validator()
    confirmation = validator.line(input.confirmation, MAX_CONFIRMATION, "confirmation")
    validator.raise_if_invalid()
    save = partial(deletion_service.delete_account, confirmation=confirmation)
    deletion = await info.context.run_transaction(save)
    # Every process then refuses the tokens of the account.
    await info.context.services.changes.wait_for_all()
    return DeleteAccountPayload(deletion=deletion)


@declare_rate_limit(WRITES)
async def cancel_account_deletion(info: Info) -> Payload:
    context = info.context
    await context.services.rate_limits.acquire(WRITES, context.require_viewer().client_id)
    try:
        await context.run_transaction(deletion_service.cancel_deletion)
    except InvalidInput as error:
        return Payload(errors=error.errors)
    await context.services.changes.wait_for_all()
    return Payload()
