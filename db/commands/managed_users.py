"""Statements with which administrators change accounts. See db/migrations/versions/0041_accounts.sql."""

from datetime import datetime

from sqlalchemy import Integer, Text, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from db.commands.administration import audit_entry
from db.core.statement import Command, Row
from db.tables.base import Timestamp
from domain.accounts import AccountDeletion, AccountState, Block
from domain.enums import Role
from domain.ids import UserId


class LockedAccountRow(Row):
    """What administrators can change of an account."""

    __slots__ = ()
    id: UserId
    role: str
    blocked_at: datetime | None
    blocked_until: datetime | None
    blocked_reason: str | None
    deleted_at: datetime | None
    version: int

    @property
    def state(self) -> AccountState:
        block = None
        if self.blocked_at is not None and self.blocked_reason is not None:
            block = Block(self.blocked_at, self.blocked_until, self.blocked_reason)
        deletion = None if self.deleted_at is None else AccountDeletion(self.deleted_at)
        return AccountState(Role(self.role), block, deletion)


class FoundUsersRow(Row):
    """The ids of the users that a search finds, at most `most`."""

    __slots__ = ()
    ids: list[UserId]


# Inserts the audit entry of a list with a search, and finds its users. Parameters: those of `insert_audit_entry`, part,
# most.
log_search = Command(
    select(
        func.find_users(bindparam("part", type_=Text), bindparam("most", type_=Integer), type_=ARRAY(UUID)).label("ids")
    ).add_cte(audit_entry.cte("logged")),
    FoundUsersRow,
)

# These accounts, deleted ones included, and all administrators whose accounts are not deleted. Parameter: ids.
lock_accounts = Command(
    text("select * from lock_accounts(:ids)").bindparams(bindparam("ids", type_=ARRAY(UUID))), LockedAccountRow
)

# Parameters: `account_values`.
write_account = Command(
    select(
        func.write_account(
            bindparam("account_id", type_=UUID),
            bindparam("role", type_=Text),
            bindparam("blocked_at", type_=Timestamp),
            bindparam("blocked_until", type_=Timestamp),
            bindparam("blocked_reason", type_=Text),
        )
    ),
    Row,
)


def account_values(id: UserId, state: AccountState) -> dict[str, object]:
    """Return the parameters of `write_account`."""
    block = state.block
    return {
        "account_id": id,
        "role": state.role.value,
        "blocked_at": block and block.at,
        "blocked_until": block and block.until,
        "blocked_reason": block and block.reason,
    }
