"""Loaders of users for administrators."""

from collections.abc import Sequence
from functools import cached_property

from db.commands.administration import insert_looks, look_values
from db.commands.user_reads import statistics_of_users, user_values
from db.queries.administration import AuditEntryRow
from db.queries.managed_jobs import ManagedJobRow, paged_jobs_of_users
from db.queries.managed_users import (
    ManagedUserRow,
    UserCountsRow,
    managed_users_by_id,
    paged_audit_trails,
    user_counts_by_id,
)
from domain.ids import UserId
from domain.member_progress import MemberStatistics
from loaders.base import Loader, LoaderGroup, OneByKey, PageByKey


class ManagedUserById(Loader[UserId, ManagedUserRow | None]):
    """None for viewers who are not administrators. Each look at another user is an audit entry, one a request."""

    async def load_keys(self, keys: Sequence[UserId]) -> list[ManagedUserRow | None]:
        viewer = self.reads.viewer
        if viewer is None or not viewer.is_admin:
            return [None] * len(keys)
        if others := [key for key in keys if key != viewer.id]:
            await self.reads.log_access(insert_looks, **look_values(others))
        rows = {row.id: row for row in await self.reads.rows(managed_users_by_id, ids=keys)}
        return [rows.get(id) for id in keys]


class UserStatisticsById(Loader[UserId, MemberStatistics | None]):
    """None for a user without settings, and for viewers who are not administrators. One audit entry for each user."""

    async def load_keys(self, keys: Sequence[UserId]) -> list[MemberStatistics | None]:
        viewer = self.reads.viewer
        if viewer is None or not viewer.is_admin:
            return [None] * len(keys)
        rows = await self.reads.logged_rows(statistics_of_users, **user_values(keys))
        found = {row.user_id: MemberStatistics.from_json(row.answer) for row in rows}
        return [found.get(id) for id in keys]


class ManagedUserLoaders(LoaderGroup):
    """Row-level security hides the rows from viewers who are not administrators."""

    @cached_property
    def user_by_id(self) -> ManagedUserById:
        return ManagedUserById(self.reads, self._running)

    @cached_property
    def counts_by_id(self) -> OneByKey[UserId, UserCountsRow]:
        return self.one(user_counts_by_id)

    @cached_property
    def statistics_by_id(self) -> UserStatisticsById:
        return UserStatisticsById(self.reads, self._running)

    @cached_property
    def jobs_by_user_id(self) -> PageByKey[UserId, ManagedJobRow]:
        return self.page(paged_jobs_of_users)

    @cached_property
    def audit_trail_by_user_id(self) -> PageByKey[UserId, AuditEntryRow]:
        return self.page(paged_audit_trails)
