"""Resolvers of statistics for administrators."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

import strawberry

from db.queries import analytics as queries
from db.queries.analytics import (
    AnalyticsDayRow,
    AnalyticsTotalsRow,
    VocabularyDifficultyRow,
)
from domain.errors import BadUserInput
from domain.list_sizes import MAX_ANALYTICS_DAYS
from domain.pages import page_arguments
from resolvers.context import Info
from resolvers.loader_field import load_by_key

DEFAULT_TOP_VOCABULARY = 10


@dataclass(frozen=True, slots=True)
class AnalyticsPeriod:
    """Inclusive of both days, in UTC."""

    from_day: date
    to_day: date


def analytics(
    from_: Annotated[date, strawberry.argument(name="from")],
    to: date,
) -> AnalyticsPeriod:
    if not timedelta() <= to - from_ <= timedelta(days=MAX_ANALYTICS_DAYS - 1):
        raise BadUserInput(f"from, to: {from_} to {to} is not a range of 1 to {MAX_ANALYTICS_DAYS} days.")
    return AnalyticsPeriod(from_, to)


async def active_learners(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> int:
    return (await _totals(parent, info)).active_learners


async def new_learners(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> int:
    return (await _totals(parent, info)).new_learners


async def review_count(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> int:
    return (await _totals(parent, info)).reviews


async def retention(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> float | None:
    return (await _totals(parent, info)).retention


async def textbooks_generated(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> int:
    return (await _totals(parent, info)).textbooks_generated


async def days(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> list[AnalyticsDayRow]:
    return await info.context.reads.rows(queries.days, from_day=parent.from_day, to_day=parent.to_day)


async def top_vocabulary(
    parent: strawberry.Parent[AnalyticsPeriod],
    info: Info,
    first: int | None = DEFAULT_TOP_VOCABULARY,
) -> list[VocabularyDifficultyRow]:
    return await info.context.reads.rows(
        queries.hardest_vocabulary,
        from_day=parent.from_day,
        to_day=parent.to_day,
        limit=page_arguments(DEFAULT_TOP_VOCABULARY if first is None else first).size,
    )


difficult_vocabulary = load_by_key(lambda loaders: loaders.vocabulary.vocabulary_by_id, key="vocabulary_id")


async def _totals(period: AnalyticsPeriod, info: Info) -> AnalyticsTotalsRow:
    return await info.context.loaders.analytics.totals_by_period.load((period.from_day, period.to_day))
