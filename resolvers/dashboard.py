"""Resolvers of the dashboard. Fields of one statement share a loader."""

import strawberry

from db.queries.dashboard import (
    ActivityDayRow,
    DashboardTotalsRow,
    DueForecastRow,
    LevelProgressRow,
    activity_days,
    due_forecast,
    level_progress,
)
from db.queries.learner_days import answered_since
from db.queries.reading import BookProgressRow, ReadingFilter, paged_reading_progress
from db.queries.study_limits import StudyLimitsRow, study_limits
from domain.enums import ReadingStatus
from domain.errors import NotFound
from domain.pages import page_arguments
from domain.viewer import Dashboard
from resolvers.arguments import validate_days
from resolvers.context import Info

DEFAULT_FORECAST_DAYS, MAX_FORECAST_DAYS = 14, 90
DEFAULT_ACTIVITY_DAYS, MAX_ACTIVITY_DAYS = 90, 366
DEFAULT_CURRENTLY_READING = 5


async def streak_days(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).streak_days


async def longest_streak_days(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).longest_streak_days


async def streak_freezes_used(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).streak_freezes_used


async def streak_freezes_left(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).streak_freezes_left


async def due_now(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).due_now


async def reviews_today(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).reviews_today


async def new_today(parent: strawberry.Parent[Dashboard], info: Info) -> int:
    return (await _totals(parent, info)).new_today


async def limits(parent: strawberry.Parent[Dashboard], info: Info) -> StudyLimitsRow:
    now = info.context.now
    row = await info.context.reads.row(study_limits, viewer_id=parent.id, now=now, answered_since=answered_since(now))
    if row is None:
        raise NotFound("Settings not found.")
    return row


async def retention_30d(parent: strawberry.Parent[Dashboard], info: Info) -> float | None:
    return (await _totals(parent, info)).retention30d


async def study_minutes_7d(parent: strawberry.Parent[Dashboard], info: Info) -> float:
    return (await _totals(parent, info)).study_minutes7d


async def forecast(
    parent: strawberry.Parent[Dashboard],
    info: Info,
    days: int | None = DEFAULT_FORECAST_DAYS,
) -> list[DueForecastRow]:
    days = validate_days(days, default=DEFAULT_FORECAST_DAYS, maximum=MAX_FORECAST_DAYS)
    return await info.context.reads.rows(due_forecast, viewer_id=parent.id, now=info.context.now, days=days)


async def activity(
    parent: strawberry.Parent[Dashboard],
    info: Info,
    days: int | None = DEFAULT_ACTIVITY_DAYS,
) -> list[ActivityDayRow]:
    days = validate_days(days, default=DEFAULT_ACTIVITY_DAYS, maximum=MAX_ACTIVITY_DAYS)
    return await info.context.reads.rows(activity_days, viewer_id=parent.id, now=info.context.now, days=days)


async def levels(parent: strawberry.Parent[Dashboard], info: Info) -> list[LevelProgressRow]:
    return await info.context.reads.rows(level_progress, viewer_id=parent.id)


async def currently_reading(
    parent: strawberry.Parent[Dashboard],
    info: Info,
    first: int | None = DEFAULT_CURRENTLY_READING,
) -> list[BookProgressRow]:
    page = await info.context.reads.page(
        paged_reading_progress(ReadingFilter(ReadingStatus.READING)),
        page_arguments(DEFAULT_CURRENTLY_READING if first is None else first),
        viewer_id=parent.id,
    )
    return list(page.rows)


async def _totals(dashboard: Dashboard, info: Info) -> DashboardTotalsRow:
    return await info.context.loaders.dashboard.totals_by_user_id.load(dashboard.id)
