"""Loaders of the dashboard."""

from collections.abc import Sequence
from functools import cached_property

from db.queries.dashboard import DashboardTotalsRow, dashboard_totals
from domain.errors import NotFound
from domain.ids import UserId
from loaders.base import Loader, LoaderGroup


class DashboardTotalsByUserId(Loader[UserId, DashboardTotalsRow]):
    """One statement for each learner; an operation has only the viewer."""

    async def load_keys(self, keys: Sequence[UserId]) -> list[DashboardTotalsRow]:
        return [await self._totals(user_id) for user_id in keys]

    async def _totals(self, user_id: UserId) -> DashboardTotalsRow:
        row = await self.reads.row(dashboard_totals, viewer_id=user_id, now=self.reads.now)
        if row is None:
            raise NotFound("Settings not found.")
        return row


class DashboardLoaders(LoaderGroup):
    @cached_property
    def totals_by_user_id(self) -> DashboardTotalsByUserId:
        return DashboardTotalsByUserId(self.reads, self._running)
