"""Changes of roles and blocks by administrators."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from db.commands import managed_users as commands
from db.commands.administration import insert_looks, look_values
from db.core.transaction import Transaction
from db.queries.managed_users import ManagedUserRow, managed_users_by_id
from db.services.administration import write_audit_entry
from db.services.jobs import cancel_all_jobs, cancel_exports
from db.services.optimistic_lock import check_version
from domain.accounts import AccountState, Block
from domain.enums import ExportKind, JobKind, Role
from domain.errors import Forbidden
from domain.ids import UserId
from domain.user_errors import Conflict, UserErrorCode, invalid_input


async def set_role(
    transaction: Transaction,
    id: UserId,
    role: Role,
    reason: str,
    expected: Role | None,
    expected_version: int | None = None,
) -> ManagedUserRow:
    """Change the role, and cancel exports that require the former one. Eight statements.

    If the user has the role already, it is a look at the account, and one statement less.

    A deleted account, which its user can restore, is changed like others until it is erased. Raises InvalidInput for an
    unknown user, and Conflict for the last administrator, another version than the expected one, and a role that is
    neither `expected` nor the new one.
    """

    def change(state: AccountState) -> AccountState:
        return replace(state, role=role)

    allowed = None if expected is None else (expected, role)
    user = await _change(transaction, id, "setRole", reason, change, expected_version, allowed)
    if role is not Role.ADMIN:
        # Their files could not be downloaded.
        async with transaction.acting_for(id) as former_administrator:
            await cancel_exports(former_administrator, ExportKind.LEARNERS)
    return user


async def block_user(
    transaction: Transaction, id: UserId, reason: str, until: datetime | None, expected_version: int | None = None
) -> ManagedUserRow:
    """Block the account, or change its block, and cancel its exports. Eight statements; seven if it has this block
    already.

    Raises InvalidInput for an unknown user and for the viewer, and Conflict for another version than the expected one.
    Deleted accounts as in `set_role`.
    """
    if id == transaction.viewer.id:
        raise invalid_input(UserErrorCode.INVALID, "You cannot block your own account.", "userId")
    now = transaction.now

    def change(state: AccountState) -> AccountState:
        block = state.active_block(now)
        return replace(state, block=Block(now if block is None else block.at, until, reason))

    user = await _change(transaction, id, "block", reason, change, expected_version)
    # A running export would give the account's data to whoever it was blocked for.
    async with transaction.acting_for(id) as learner:
        await cancel_all_jobs(learner, [JobKind.EXPORT])
    return user


async def unblock_user(
    transaction: Transaction, id: UserId, reason: str | None, expected_version: int | None = None
) -> ManagedUserRow:
    """Lift the block. Four statements; three if there is none.

    Raises InvalidInput for an unknown user, and Conflict for another version than the expected one.
    """
    return await _change(transaction, id, "unblock", reason, lambda state: replace(state, block=None), expected_version)


async def _change(
    transaction: Transaction,
    id: UserId,
    action: str,
    reason: str | None,
    change: Callable[[AccountState], AccountState],
    expected_version: int | None,
    expected_roles: tuple[Role, ...] | None = None,
) -> ManagedUserRow:
    now = transaction.now
    found = await transaction.rows(commands.lock_accounts, ids=[id])
    states = {account.id: account.state for account in found}
    versions = {account.id: account.version for account in found}
    actor = states.get(transaction.viewer.id)
    if actor is None or not actor.administers(now):
        # Another administrator was faster than the notification of the change.
        raise Forbidden(f"The role {Role.ADMIN.value} is required.")
    deletion = states[id].deletion if id in states else None
    if id not in states or (deletion is not None and deletion.is_due(now)):
        raise invalid_input(UserErrorCode.NOT_FOUND, "User not found.", "userId")
    if expected_version is not None and versions[id] != expected_version:
        check_version(await _current(transaction, id), expected_version)
    before, after = states[id], change(states[id])
    if expected_roles is not None and before.role not in expected_roles:
        message = f"The role is {before.role.value} and not {expected_roles[0].value}."
        raise Conflict(await _current(transaction, id), message, "expectedRole")
    if after != before:
        states[id] = after
        if not any(state.administers(now) for state in states.values()):
            raise Conflict(await _current(transaction, id), "The last administrator keeps the role.", "userId")
        await transaction.rows(commands.write_account, **commands.account_values(id, after))
        logged = _logged(after) | ({} if reason is None else {"reason": reason})
        await write_audit_entry(transaction, action, "User", id, _logged(before), logged)
    else:
        await transaction.rows(insert_looks, **look_values([id]), request_id=transaction.request_id)
    return await _current(transaction, id)


async def _current(transaction: Transaction, id: UserId) -> ManagedUserRow:
    [user] = await transaction.rows(managed_users_by_id, ids=[id])
    return user


def _logged(state: AccountState) -> dict[str, object]:
    """Return the values in audit entries. The reason of a block is that of its entry."""
    block = state.block
    return {
        "role": state.role.value,
        "blocked": block is not None,
        "blocked_until": None if block is None else block.until,
    }
