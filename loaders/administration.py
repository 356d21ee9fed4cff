"""Loaders for administrators."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from uuid import UUID

from db.queries import administration
from db.queries.administration import AnalyticsTotalsRow, AuditEntryRow
from loaders.base import Loader, LoaderGroup, OneByKey


class AnalyticsTotalsByPeriod(Loader[tuple[date, date], AnalyticsTotalsRow]):
    """One statement for each date range."""

    async def load_keys(self, keys: Sequence[tuple[date, date]]) -> list[AnalyticsTotalsRow]:
        return [await self._totals(from_day, to_day) for from_day, to_day in keys]

    async def _totals(self, from_day: date, to_day: date) -> AnalyticsTotalsRow:
        # Totals have one row, even without reviews.
        [totals] = await self.reads.rows(administration.analytics_totals, from_day=from_day, to_day=to_day)
        return totals


class AdministrationLoaders(LoaderGroup):
    @cached_property
    def audit_entry_by_id(self) -> OneByKey[UUID, AuditEntryRow]:
        """Row-level security hides all entries from viewers who are not administrators."""
        return self.one(administration.audit_entries_by_id)

    @cached_property
    def totals_by_period(self) -> AnalyticsTotalsByPeriod:
        return AnalyticsTotalsByPeriod(self.reads, self._running)
