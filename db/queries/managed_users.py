"""Queries for users as administrators see them, to whom row-level security shows all accounts."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, Text, and_, func, literal_column, not_, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from common.text import truncate
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import READ_FIRST, Query, Row
from db.queries.administration import AuditEntryRow
from db.queries.expressions import IDS, NOW, any_of, not_deleted, row_columns
from db.tables.administration import audit_log
from db.tables.base import Timestamp
from db.tables.users import users
from domain.enums import Role, UserOrder
from domain.errors import BadUserInput
from domain.ids import UserId
from domain.search_input import MAX_SEARCH_LENGTH

# Of a search: reading and sorting as many users takes a few milliseconds.
MAX_FOUND_USERS = 1_000


class ManagedUserRow(Row):
    """An account with its personal data. `clients` is JSON as text."""

    __slots__ = ()
    id: UserId
    display_name: str
    email: str
    role: Role
    locale: str | None
    created_at: datetime
    last_active_at: datetime
    clients: str
    deleted_at: datetime | None
    blocked_at: datetime | None
    blocked_until: datetime | None
    blocked_reason: str | None
    version: int


class UserCountsRow(Row):
    """How much a user has."""

    __slots__ = ()
    id: UserId
    cards: int
    reviews: int
    textbooks: int


_columns = row_columns(users, ManagedUserRow)
managed_users_by_id = Query(select(*_columns).where(any_of(users.c.id, IDS)), ManagedUserRow, rls_scoped=True)

# Row-level security shows private textbooks to their owners only: a function counts them. With the table of users, a
# distributed database calls it on the coordinator.
user_counts_by_id = Query(
    text(f"""
with own_cards as {READ_FIRST} (
    select user_id, count(*)::int as number from cards where user_id = any(:ids) and deleted_at is null group by user_id
),
own_reviews as {READ_FIRST} (
    select user_id, sum(reviews)::int as number from review_days where user_id = any(:ids) group by user_id
)
select users.id, textbooks.number as textbooks, coalesce(own_cards.number, 0) as cards,
    coalesce(own_reviews.number, 0) as reviews
from users
join count_textbooks(:ids) as textbooks on textbooks.owner_id = users.id
left join own_cards on own_cards.user_id = users.id
left join own_reviews on own_reviews.user_id = users.id
where users.id = any(:ids)
""").bindparams(IDS),  # noqa: S608  # a constant is put in, never a value
    UserCountsRow,
    rls_scoped=True,
)

paged_audit_trails = NestedPagedQuery(
    select(*row_columns(audit_log, AuditEntryRow)),
    audit_log.c.entity_id,
    Ordering("user.audit", (audit_log.c.at, audit_log.c.id), descending=True),
    AuditEntryRow,
    rls_scoped=True,
)


def _matches_part(users: FromClause, part: ColumnElement[str]) -> ColumnElement[bool]:
    """Pages read users in their order until they are full: for parts that many users have."""
    return func.lower(users.c.display_name + literal_column("chr(10)") + users.c.email).like(
        literal_column("'%'") + part + literal_column("'%'")
    )


def _to_part(name: str, value: str) -> str:
    # Names and addresses are stored without whitespace around them, unlike what is copied from elsewhere.
    value = value.strip()
    if not 1 <= len(value) <= MAX_SEARCH_LENGTH:
        raise BadUserInput(f"{name}: {truncate(value)!r} must have 1 to {MAX_SEARCH_LENGTH} characters.")
    # A pattern of LIKE, in which these characters have a meaning.
    return re.sub(r"([\\%_])", r"\\\1", value.lower())


def _is_blocked(users: FromClause) -> ColumnElement[bool]:
    return and_(users.c.blocked_at.is_not(None), or_(users.c.blocked_until.is_(None), users.c.blocked_until > NOW))


@dataclass
class UserFilter(ListFilter):
    """Filters of the list of users."""

    role: Role | None = filter_field(
        Filter("Filter by role.", lambda users, role: users.c.role == role, Text, lambda _, role: role.value)
    )
    search: str | None = filter_field(
        Filter("Substring of the name or email address; max 100 characters.", _matches_part, Text, _to_part)
    )
    signed_up_from: datetime | None = filter_field(
        Filter(
            "Inclusive lower bound of the time of sign-up.", lambda users, time: users.c.created_at >= time, Timestamp
        )
    )
    signed_up_to: datetime | None = filter_field(
        Filter(
            "Exclusive upper bound of the time of sign-up.", lambda users, time: users.c.created_at < time, Timestamp
        )
    )
    active_since: datetime | None = filter_field(
        Filter("Users who were active since.", lambda users, time: users.c.last_active_at >= time, Timestamp)
    )
    blocked: bool | None = filter_field(
        Filter(
            "True: blocked users only. False: without them.",
            lambda users, blocked: _is_blocked(users) if blocked else not_(_is_blocked(users)),
        )
    )
    deleted: bool | None = filter_field(
        Filter(
            "True: deleted accounts, for the 30 days in which they exist, instead of all others.",
            lambda users, deleted: users.c.deleted_at.is_not(None) if deleted else not_deleted(users),
        )
    )


@dataclass
class FoundUserFilter(UserFilter):
    """Filters of the users that a search has found by the index, which policies keep from other statements."""

    ids: list[UserId] | None = filter_field(
        Filter("", lambda users, ids: any_of(users.c.id, ids), ARRAY(UuidType), is_id=True)
    )


ORDERINGS = {
    UserOrder.NEWEST: Ordering("user.newest", (users.c.created_at, users.c.id), descending=True),
    UserOrder.OLDEST: Ordering("user.oldest", (users.c.created_at, users.c.id)),
    UserOrder.LAST_ACTIVE: Ordering("user.active", (users.c.last_active_at, users.c.id), descending=True),
    UserOrder.NAME: Ordering("user.name", (users.c.display_name, users.c.id)),
    UserOrder.EMAIL: Ordering("user.email", (users.c.email, users.c.id)),
}


@cache_by_variant
def paged_users(filter: UserFilter, order: UserOrder) -> PagedQuery[ManagedUserRow]:
    """All users, for administrators. Parameters: those of the filter, and now."""
    statement = select(*_columns)
    if filter.deleted is None:
        statement = statement.where(not_deleted(users))
    return PagedQuery(filter.apply(statement, users), ORDERINGS[order], ManagedUserRow, rls_scoped=True)
