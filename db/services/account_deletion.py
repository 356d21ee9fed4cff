"""Users delete their accounts, and restore them until they are erased."""

from db.commands import account_deletion as commands
from db.commands import managed_users as account_commands
from db.core.transaction import Transaction
from db.services.administration import write_audit_entry
from db.services.jobs import cancel_all_jobs
from domain.accounts import AccountDeletion, is_confirmed
from domain.errors import NotFound
from domain.user_errors import UserErrorCode, invalid_input


async def delete_account(transaction: Transaction, confirmation: str) -> AccountDeletion:
    """Delete the viewer's account and cancel its jobs. An account that is deleted already stays as it is.

    Five statements, one more for an administrator, and one per cancelled generation of a textbook. Raises InvalidInput
    for a wrong confirmation and for the last administrator.
    """
    viewer = transaction.viewer
    if viewer.is_admin:
        # Before the account is locked, as by those who change roles.
        locked = await transaction.rows(account_commands.lock_accounts, ids=[])
        if not any(account.id != viewer.id and account.state.administers(transaction.now) for account in locked):
            message = "You are the last administrator. Give another user the role first."
            raise invalid_input(UserErrorCode.CONFLICT, message)
    account = await _lock(transaction)
    if not is_confirmed(confirmation, account.email, account.display_name):
        expected = "email address" if account.email else "display name"
        raise invalid_input(
            UserErrorCode.INVALID, f"confirmation is not the {expected} of the account.", "confirmation"
        )
    if account.deleted_at is not None:
        return AccountDeletion(account.deleted_at)
    await transaction.rows(commands.delete_own_account)
    await cancel_all_jobs(transaction)
    await write_audit_entry(transaction, "delete", "User", viewer.id, {}, {"deleted_at": transaction.now})
    return AccountDeletion(transaction.now)


async def cancel_deletion(transaction: Transaction) -> None:
    """Restore the viewer's account, unless it is not deleted. Three statements.

    Raises InvalidInput if the account is being erased.
    """
    account = await _lock(transaction)
    if account.deleted_at is None:
        return
    if AccountDeletion(account.deleted_at).is_due(transaction.now):
        raise invalid_input(UserErrorCode.CONFLICT, "The account is being erased and cannot be restored.")
    await transaction.rows(commands.restore_own_account)
    before = {"deleted_at": account.deleted_at}
    await write_audit_entry(transaction, "restore", "User", transaction.viewer.id, before, {})


async def _lock(transaction: Transaction) -> commands.OwnAccountRow:
    account = await transaction.row(commands.lock_own_account)
    if account is None:
        raise NotFound("Account not found.")
    return account
