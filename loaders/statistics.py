"""Loaders of a learner's statistics."""

from collections.abc import Sequence
from functools import cached_property

from db.queries.statistics import StatisticsCellRow, cells, cells_of_tags
from domain.statistics import StatisticsRange
from loaders.base import Loader, LoaderGroup


class CellsByRange(Loader[StatisticsRange, list[StatisticsCellRow]]):
    """One statement for each range."""

    async def load_keys(self, keys: Sequence[StatisticsRange]) -> list[list[StatisticsCellRow]]:
        return [await self._cells(range) for range in keys]

    async def _cells(self, range: StatisticsRange) -> list[StatisticsCellRow]:
        return await self.reads.rows(
            cells if range.tags is None else cells_of_tags,
            viewer_id=range.user_id,
            from_day=range.from_day,
            to_day=range.to_day,
            levels=range.levels,
            kinds=range.kinds,
            tags=range.tags,
        )


class StatisticsLoaders(LoaderGroup):
    @cached_property
    def cells_by_range(self) -> CellsByRange:
        return CellsByRange(self.reads, self._running)
