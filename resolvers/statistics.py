"""Resolvers of a learner's statistics. Fields of one statement share a loader."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

import strawberry

from db.queries import card_statistics as card_queries
from db.queries import statistics as queries
from db.queries.card_statistics import HardCardRow, StatisticsForecastRow
from db.queries.statistics import StatisticsCellRow, StatisticsPeriodRow
from domain.card_tags import to_tags
from domain.enums import CardKind, JlptLevel, StatisticsUnit
from domain.errors import BadUserInput
from domain.pages import page_arguments
from domain.statistics import (
    DEFAULT_FORECAST_DAYS,
    DEFAULT_HARDEST_CARDS,
    DEFAULT_STATISTICS_DAYS,
    MAX_FORECAST_DAYS,
    MAX_STATISTICS_DAYS,
    MAX_STATISTICS_PERIODS,
    StatisticsRange,
)
from domain.viewer import Viewer
from resolvers import statistics_cells as cells
from resolvers.arguments import validate_days
from resolvers.context import Info
from resolvers.loader_field import load_by_key
from resolvers.statistics_cells import CalibrationBin, HourRecall, IntervalRecall, LevelRecall, MaturityRecall

EnumT = TypeVar("EnumT", bound=StrEnum)


@dataclass(kw_only=True)
class StatisticsFilter:
    jlpt_levels: list[JlptLevel] | None = None
    kinds: list[CardKind] | None = None
    tags: list[str] | None = None


def statistics(
    parent: strawberry.Parent[Viewer],
    info: Info,
    from_: Annotated[date | None, strawberry.argument(name="from")] = None,
    to: date | None = None,
    filter: StatisticsFilter | None = None,
) -> StatisticsRange:
    # Tomorrow in UTC is not before the learner's today in any time zone.
    to = to or info.context.now.date() + timedelta(days=1)
    from_ = from_ or to - timedelta(days=DEFAULT_STATISTICS_DAYS - 1)
    if not timedelta() <= to - from_ <= timedelta(days=MAX_STATISTICS_DAYS - 1):
        raise BadUserInput(f"from, to: {from_} to {to} is not a range of 1 to {MAX_STATISTICS_DAYS} days.")
    filter = filter or StatisticsFilter()
    tags = None if filter.tags is None else tuple(to_tags("filter.tags", filter.tags))
    return StatisticsRange(parent.id, from_, to, _each_once(filter.jlpt_levels), _each_once(filter.kinds), tags)


async def review_count(parent: strawberry.Parent[StatisticsRange], info: Info) -> int:
    return sum(cell.reviews for cell in cells.all_reviews(await _cells(parent, info)))


async def recalled(parent: strawberry.Parent[StatisticsRange], info: Info) -> int:
    return sum(cell.recalled for cell in cells.all_reviews(await _cells(parent, info)))


async def started(parent: strawberry.Parent[StatisticsRange], info: Info) -> int:
    return sum(cell.new_cards for cell in cells.all_reviews(await _cells(parent, info)))


async def study_minutes(parent: strawberry.Parent[StatisticsRange], info: Info) -> float:
    return sum(cell.duration_ms for cell in cells.all_reviews(await _cells(parent, info))) / 60_000


async def seconds_per_review(parent: strawberry.Parent[StatisticsRange], info: Info) -> float | None:
    every = cells.all_reviews(await _cells(parent, info))
    timed = sum(cell.timed_reviews for cell in every)
    return sum(cell.duration_ms for cell in every) / timed / 1_000 if timed else None


async def true_retention(parent: strawberry.Parent[StatisticsRange], info: Info) -> float | None:
    return cells.true_recall(await _cells(parent, info)).retention


async def by_maturity(parent: strawberry.Parent[StatisticsRange], info: Info) -> list[MaturityRecall]:
    return cells.by_maturity(await _cells(parent, info))


async def by_interval(parent: strawberry.Parent[StatisticsRange], info: Info) -> list[IntervalRecall]:
    return cells.by_interval(await _cells(parent, info))


async def by_level(parent: strawberry.Parent[StatisticsRange], info: Info) -> list[LevelRecall]:
    return cells.by_level(await _cells(parent, info))


async def by_hour(parent: strawberry.Parent[StatisticsRange], info: Info) -> list[HourRecall]:
    return cells.by_hour(await _cells(parent, info))


async def calibration(parent: strawberry.Parent[StatisticsRange], info: Info) -> list[CalibrationBin]:
    return cells.calibration(await _cells(parent, info))


async def periods(
    parent: strawberry.Parent[StatisticsRange], info: Info, unit: StatisticsUnit | None = StatisticsUnit.DAY
) -> list[StatisticsPeriodRow]:
    unit = unit or StatisticsUnit.DAY
    # Of the first and the last one, only a part may be in the range.
    days = (parent.to_day - parent.from_day).days + 1
    most = {StatisticsUnit.DAY: days, StatisticsUnit.WEEK: (days + 12) // 7, StatisticsUnit.MONTH: (days + 57) // 28}
    if most[unit] > MAX_STATISTICS_PERIODS:
        raise BadUserInput(f"unit: {days} days have more than {MAX_STATISTICS_PERIODS} periods of a {unit}.")
    return await info.context.reads.rows(
        queries.periods if parent.tags is None else queries.periods_of_tags,
        viewer_id=parent.user_id,
        now=info.context.now,
        from_day=parent.from_day,
        to_day=parent.to_day,
        levels=parent.levels,
        kinds=parent.kinds,
        tags=parent.tags,
        unit=unit.value,
    )


async def forecast(
    parent: strawberry.Parent[StatisticsRange], info: Info, days: int | None = DEFAULT_FORECAST_DAYS
) -> list[StatisticsForecastRow]:
    days = validate_days(days, default=DEFAULT_FORECAST_DAYS, maximum=MAX_FORECAST_DAYS)
    return await info.context.reads.rows(
        card_queries.forecast if parent.tags is None else card_queries.forecast_of_tags,
        viewer_id=parent.user_id,
        now=info.context.now,
        levels=parent.levels,
        kinds=parent.kinds,
        tags=parent.tags,
        days=days,
    )


async def hardest_cards(
    parent: strawberry.Parent[StatisticsRange], info: Info, first: int | None = DEFAULT_HARDEST_CARDS
) -> list[HardCardRow]:
    size = page_arguments(DEFAULT_HARDEST_CARDS if first is None else first).size
    return await info.context.reads.rows(
        card_queries.hardest_cards if parent.tags is None else card_queries.hardest_cards_of_tags,
        viewer_id=parent.user_id,
        levels=parent.levels,
        kinds=parent.kinds,
        tags=parent.tags,
        limit=size,
    )


hard_card = load_by_key(lambda loaders: loaders.cards.card_by_id, key="card_id")


def hard_card_retention(parent: strawberry.Parent[HardCardRow]) -> float | None:
    return parent.recalled / parent.reviews if parent.reviews else None


async def streak_days(parent: strawberry.Parent[StatisticsRange], info: Info) -> int:
    return (await info.context.loaders.dashboard.totals_by_user_id.load(parent.user_id)).streak_days


async def longest_streak_days(parent: strawberry.Parent[StatisticsRange], info: Info) -> int:
    return (await info.context.loaders.dashboard.totals_by_user_id.load(parent.user_id)).longest_streak_days


async def _cells(range: StatisticsRange, info: Info) -> Sequence[StatisticsCellRow]:
    return await info.context.loaders.statistics.cells_by_range.load(range)


def _each_once(values: list[EnumT] | None) -> tuple[EnumT, ...] | None:
    return None if values is None else tuple(dict.fromkeys(values))
