"""Loaders of statistics for administrators."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from db.queries import analytics
from db.queries.analytics import AnalyticsTotalsRow
from loaders.base import Loader, LoaderGroup


class AnalyticsTotalsByPeriod(Loader[tuple[date, date], AnalyticsTotalsRow]):
    """One statement for each date range."""

    async def load_keys(self, keys: Sequence[tuple[date, date]]) -> list[AnalyticsTotalsRow]:
        return [await self._totals(from_day, to_day) for from_day, to_day in keys]

    async def _totals(self, from_day: date, to_day: date) -> AnalyticsTotalsRow:
        # Totals have one row, even without reviews.
        [totals] = await self.reads.rows(analytics.totals, from_day=from_day, to_day=to_day)
        return totals


class AnalyticsLoaders(LoaderGroup):
    @cached_property
    def totals_by_period(self) -> AnalyticsTotalsByPeriod:
        return AnalyticsTotalsByPeriod(self.reads, self._running)
