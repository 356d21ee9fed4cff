"""Resolvers of users as administrators see them."""

import strawberry

from db.queries.managed_users import ManagedUserRow
from domain.accounts import Block
from resolvers.context import Info


def block(parent: strawberry.Parent[ManagedUserRow], info: Info) -> Block | None:
    """The block, unless it has expired."""
    if parent.blocked_at is None or parent.blocked_reason is None:
        return None
    block = Block(parent.blocked_at, parent.blocked_until, parent.blocked_reason)
    return block if block.is_active(info.context.now) else None
