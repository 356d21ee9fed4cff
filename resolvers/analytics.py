"""Resolvers of statistics for administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

import strawberry

from db.queries import analytics as queries
from db.queries.analytics import (
    AnalyticsDayRow,
    AnalyticsTotalsRow,
    CohortRow,
    VocabularyDifficultyRow,
)
from domain.analytics import first_day_of_words
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


def _period(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> tuple[date, date]:
    return parent.from_day, parent.to_day


def _total(name: str) -> Callable[..., Any]:
    def total(row: AnalyticsTotalsRow) -> Any:
        return row[name]

    return load_by_key(lambda loaders: loaders.analytics.totals_by_period, key=_period, transform=total)


active_learners, new_learners, review_count, new_cards, study_minutes = map(
    _total, ("active_learners", "new_learners", "reviews", "new_cards", "study_minutes")
)
textbooks_generated, chapters_read, books_started, books_finished = map(
    _total, ("textbooks_generated", "chapters_read", "books_started", "books_finished")
)


async def retention(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> float | None:
    totals = await info.context.loaders.analytics.totals_by_period.load((parent.from_day, parent.to_day))
    return totals.retention


async def days(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> list[AnalyticsDayRow]:
    return await info.context.reads.rows(queries.days, from_day=parent.from_day, to_day=parent.to_day)


async def cohorts(parent: strawberry.Parent[AnalyticsPeriod], info: Info) -> list[CohortRow]:
    values = {"from_day": parent.from_day, "to_day": parent.to_day, "today": info.context.now.date()}
    return await info.context.reads.rows(queries.cohorts, **values)


def cohort_retention(parent: strawberry.Parent[CohortRow]) -> list[float]:
    return [learners / parent.learners for learners in parent.active]


async def top_vocabulary(
    parent: strawberry.Parent[AnalyticsPeriod],
    info: Info,
    first: int | None = DEFAULT_TOP_VOCABULARY,
) -> list[VocabularyDifficultyRow]:
    return await info.context.reads.rows(
        queries.hardest_vocabulary,
        from_day=parent.from_day,
        to_day=parent.to_day,
        first_kept=first_day_of_words(info.context.now.date()),
        limit=page_arguments(DEFAULT_TOP_VOCABULARY if first is None else first).size,
    )


difficult_vocabulary = load_by_key(lambda loaders: loaders.vocabulary.vocabulary_by_id, key="vocabulary_id")
