"""Statements about people."""

from functools import cache
from uuid import UUID

from sqlalchemy import Text, bindparam, func, or_, select

from db.core.keyset import Ordering
from db.core.pagination import PagedQuery
from db.core.statement import Query, Row
from db.queries.expressions import IDS, VIEWER_ID, any_of, not_deleted, row_columns
from db.tables.users import user_settings, users
from db.tables.views import public_profiles
from domain.enums import Role, Scheduler
from domain.scheduling import SchedulingAlgorithm, algorithm


class UserRow(Row):
    """What others may know of a person."""

    __slots__ = ()
    id: UUID
    display_name: str


class AccountRow(Row):
    """The viewer's own account."""

    __slots__ = ()
    id: UUID
    display_name: str
    email: str


class StudySettingsRow(Row):
    """How the viewer studies."""

    __slots__ = ()
    user_id: UUID
    scheduler: Scheduler
    desired_retention: float
    new_cards_per_day: int
    reviews_per_day: int
    time_zone: str
    day_starts_at_hour: int

    @property
    def id(self) -> UUID:
        """A learner has one of them."""
        return self.user_id

    @property
    def algorithm(self) -> SchedulingAlgorithm:
        """The one that was chosen."""
        return algorithm(Scheduler(self.scheduler), self.desired_retention)


class RoleRow(Row):
    """What the viewer may do."""

    __slots__ = ()
    role: Role


own_role = Query(select(users.c.role).where(users.c.id == VIEWER_ID, not_deleted(users)), RoleRow, rls_scoped=True)
users_by_id = Query(
    select(*row_columns(public_profiles, UserRow)).where(any_of(public_profiles.c.id, IDS)), UserRow, rls_scoped=True
)
accounts_by_id = Query(
    select(*row_columns(users, AccountRow)).where(users.c.id == VIEWER_ID, any_of(users.c.id, IDS)),
    AccountRow,
    rls_scoped=True,
)
settings_by_user_id = Query(
    select(*row_columns(user_settings, StudySettingsRow)).where(
        user_settings.c.user_id == VIEWER_ID, any_of(user_settings.c.user_id, IDS)
    ),
    StudySettingsRow,
    rls_scoped=True,
)


@cache
def paged_learners(*, has_search: bool) -> PagedQuery[UserRow]:
    """Newest first; administrators only. Parameter `search`: part of a name or address in lower case, if asked for."""
    statement = select(*row_columns(users, UserRow)).where(not_deleted(users))
    if has_search:
        part = bindparam("search", type_=Text)
        statement = statement.where(
            or_(*(func.strpos(func.lower(text), part) > 0 for text in (users.c.display_name, users.c.email)))
        )
    return PagedQuery(statement, Ordering("user", (users.c.id,), descending=True), UserRow, rls_scoped=True)
