"""Resolvers of users as administrators see them. Each look at an account is an audit entry."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import strawberry

from db.commands.administration import insert_audit_entry
from db.commands.managed_users import log_search
from db.core.pagination import Page
from db.queries.administration import AuditEntryRow
from db.queries.managed_jobs import ManagedJobRow
from db.queries.managed_users import (
    MAX_FOUND_USERS,
    FoundUserFilter,
    ManagedUserRow,
    UserCountsRow,
    UserFilter,
    paged_users,
)
from db.services.administration import format_changes
from domain.accounts import Block
from domain.enums import UserOrder
from domain.ids import UserId, new_id, parse_global_id_as
from domain.member_progress import MemberStatistics
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.loader_field import load_by_key


@dataclass(frozen=True, slots=True)
class ClientUse:
    """A client by which a user was active."""

    name: str
    last_active_at: datetime


async def user(info: Info, id: strawberry.ID) -> ManagedUserRow | None:
    return await info.context.loaders.managed_users.user_by_id.load(parse_global_id_as(UserId, id))


async def users(
    info: Info,
    first: int | None = None,
    after: str | None = None,
    filter: UserFilter | None = None,
    order_by: UserOrder | None = UserOrder.NEWEST,
) -> Page[ManagedUserRow]:
    context, filter, order = info.context, filter or UserFilter(), order_by or UserOrder.NEWEST
    arguments, parameters = page_arguments(first, after), filter.parameters()
    # A cursor has a name or an address, which the log would keep after the erasure of the account.
    place = {"order_by": order.value, "is_later_page": True if after else None}
    looked = {name: getattr(filter, name) for name in filter.filters} | place
    entry = {
        "id": new_id(),
        "action": "viewList",
        "entity": "User",
        "entity_id": context.require_viewer().id,
        "changes": format_changes({}, looked),
    }
    if filter.search is None:
        await context.reads.log_access(insert_audit_entry, **entry)
    else:
        counted = {"part": parameters["search"], "most": MAX_FOUND_USERS + 1}
        [found] = await context.reads.logged_rows(log_search, **entry, **counted)
        if len(found.ids) <= MAX_FOUND_USERS:
            filter = FoundUserFilter(**{**vars(filter), "search": None}, ids=found.ids)
            parameters = filter.parameters()
    return await context.reads.page(paged_users(filter, order), arguments, **parameters, now=context.now)


def block(parent: strawberry.Parent[ManagedUserRow], info: Info) -> Block | None:
    """The block, unless it has expired."""
    if parent.blocked_at is None or parent.blocked_reason is None:
        return None
    block = Block(parent.blocked_at, parent.blocked_until, parent.blocked_reason)
    return block if block.is_active(info.context.now) else None


def clients(parent: strawberry.Parent[ManagedUserRow]) -> list[ClientUse]:
    """The last one first."""
    uses = (ClientUse(name, datetime.fromisoformat(at)) for name, at in orjson.loads(parent.clients).items())
    return sorted(uses, key=lambda use: (use.last_active_at, use.name), reverse=True)


def _count(name: str) -> Callable[..., Any]:
    def count(counts: UserCountsRow) -> int:
        number: int = counts[name]
        return number

    return load_by_key(lambda loaders: loaders.managed_users.counts_by_id, transform=count)


card_count, review_count, textbook_count = map(_count, ("cards", "reviews", "textbooks"))


async def statistics(parent: strawberry.Parent[ManagedUserRow], info: Info) -> MemberStatistics | None:
    return await info.context.loaders.managed_users.statistics_by_id.load(parent.id)


async def jobs(
    parent: strawberry.Parent[ManagedUserRow], info: Info, first: int | None = None, after: str | None = None
) -> Page[ManagedJobRow]:
    return await info.context.loaders.managed_users.jobs_by_user_id.load((parent.id, page_arguments(first, after)))


async def audit_trail(
    parent: strawberry.Parent[ManagedUserRow], info: Info, first: int | None = None, after: str | None = None
) -> Page[AuditEntryRow]:
    key = parent.id, page_arguments(first, after)
    return await info.context.loaders.managed_users.audit_trail_by_user_id.load(key)
