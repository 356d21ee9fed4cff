"""Queries for users as administrators see them, to whom row-level security shows all accounts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Text, and_, bindparam, func, not_, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as UuidType

from common.text import truncate
from db.core.filters import Filter, ListFilter, cache_by_variant, filter_field
from db.core.keyset import Ordering
from db.core.pagination import NestedPagedQuery, PagedQuery
from db.core.statement import Query, Row
from db.queries.administration import AuditEntryRow
from db.queries.dashboard import TOTALS
from db.queries.expressions import IDS, NOW, any_of, not_deleted, row_columns
from db.tables.administration import audit_log
from db.tables.base import Timestamp
from db.tables.jobs import jobs
from db.tables.users import users
from domain.enums import JobKind, JobStatus, Role, UserOrder
from domain.errors import BadUserInput
from domain.ids import UserId
from domain.search_input import MAX_SEARCH_LENGTH


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


class UserCountsRow(Row):
    """How much a user has."""

    __slots__ = ()
    id: UserId
    cards: int
    reviews: int
    textbooks: int


class UserStatisticsRow(Row):
    """The totals of a user's dashboard."""

    __slots__ = ()
    id: UserId
    streak_days: int
    longest_streak_days: int
    due_now: int
    reviews_today: int
    new_today: int
    retention30d: float | None
    study_minutes7d: float


class ManagedJobRow(Row):
    """A job without its result, to which only its user has access. `error` is JSON as text."""

    __slots__ = ()
    id: UUID
    kind: JobKind
    status: JobStatus
    progress: float
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    error: str | None


_columns = row_columns(users, ManagedUserRow)
managed_users_by_id = Query(select(*_columns).where(any_of(users.c.id, IDS)), ManagedUserRow, rls_scoped=True)

# Row-level security shows private textbooks to their owners only: a function counts them.
user_counts_by_id = Query(
    text("""
select account.id, textbooks.number as textbooks,
    (select count(*)::int from cards where user_id = account.id and deleted_at is null) as cards,
    (select coalesce(sum(review_days.reviews), 0)::int from review_days where user_id = account.id) as reviews
from unnest(:ids) as account (id) join count_textbooks(:ids) as textbooks on textbooks.owner_id = account.id
""").bindparams(bindparam("ids", type_=ARRAY(UuidType))),
    UserCountsRow,
    rls_scoped=True,
)

# For one user, the statement is that of the dashboard.
user_statistics_by_id = Query(
    text(f"""
select account.id, totals.* from unnest(:ids) as account (id)
cross join lateral ({TOTALS.replace(":viewer_id", "account.id")}) as totals
""").bindparams(bindparam("ids", type_=ARRAY(UuidType)), NOW),  # noqa: S608  # a constant is put in, never a value
    UserStatisticsRow,
    rls_scoped=True,
)

paged_jobs_of_users = NestedPagedQuery(
    select(*row_columns(jobs, ManagedJobRow)),
    jobs.c.user_id,
    Ordering("user.jobs", (jobs.c.id,), descending=True),
    ManagedJobRow,
    rls_scoped=True,
)
paged_audit_trails = NestedPagedQuery(
    select(*row_columns(audit_log, AuditEntryRow)),
    audit_log.c.entity_id,
    Ordering("user.audit", (audit_log.c.at, audit_log.c.id), descending=True),
    AuditEntryRow,
    rls_scoped=True,
)


def _has_part(users: FromClause, part: ColumnElement[str]) -> ColumnElement[bool]:
    return or_(*(func.strpos(func.lower(text), part) > 0 for text in (users.c.display_name, users.c.email)))


def _to_part(name: str, value: str) -> str:
    if not 1 <= len(value) <= MAX_SEARCH_LENGTH:
        raise BadUserInput(f"{name}: {truncate(value)!r} must have 1 to {MAX_SEARCH_LENGTH} characters.")
    return value.lower()


def _is_blocked(users: FromClause) -> ColumnElement[bool]:
    return and_(users.c.blocked_at.is_not(None), or_(users.c.blocked_until.is_(None), users.c.blocked_until > NOW))


@dataclass
class UserFilter(ListFilter):
    """Filters of the list of users."""

    role: Role | None = filter_field(
        Filter("Filter by role.", lambda users, role: users.c.role == role, Text, lambda _, role: role.value)
    )
    search: str | None = filter_field(
        Filter("Substring of the name or email address; max 100 characters.", _has_part, Text, _to_part)
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
