"""Queries for users as administrators see them, to whom row-level security shows all accounts."""

from datetime import datetime

from sqlalchemy import select

from db.core.statement import Query, Row
from db.queries.expressions import IDS, any_of, row_columns
from db.tables.users import users
from domain.enums import Role
from domain.ids import UserId


class ManagedUserRow(Row):
    """An account with its personal data."""

    __slots__ = ()
    id: UserId
    display_name: str
    email: str
    role: Role
    locale: str | None
    created_at: datetime
    deleted_at: datetime | None
    blocked_at: datetime | None
    blocked_until: datetime | None
    blocked_reason: str | None


managed_users_by_id = Query(
    select(*row_columns(users, ManagedUserRow)).where(any_of(users.c.id, IDS)), ManagedUserRow, rls_scoped=True
)
