"""The dashboard of a learner."""

import datetime

import strawberry

from domain.enums import JlptLevel, StreakFreezeReason
from domain.viewer import Dashboard as DashboardValue
from resolvers import dashboard as resolve_dashboard
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import NULL_ON_ERROR
from schema.nodes import Node, is_row
from schema.study import DayLimits


@strawberry.type(description="Number of cards due on a day.")
class DueForecast:
    date: datetime.date = strawberry.field(description="The day.")
    due: int = strawberry.field(description="Number of cards due; today's includes overdue cards.")


@strawberry.type(description="Review totals of a day.")
class ActivityDay:
    date: datetime.date = strawberry.field(description="The day.")
    reviews: int = strawberry.field(description="Number of reviews, those without effect on schedules included.")
    recalled: int = strawberry.field(description="Number of reviews that moved a schedule with a quality of 3 or more.")
    streak_freeze: StreakFreezeReason | None = strawberry.field(
        description="Why the streak does not end without reviews on the day; null if it does."
    )


@strawberry.type(description="Progress in the words of a level.")
class LevelProgress:
    jlpt_level: JlptLevel = strawberry.field(description="The level.")
    total: int = strawberry.field(description="Number of words of the level.")
    learning: int = strawberry.field(description="Number of words whose card has been reviewed, but is not mature.")
    mature: int = strawberry.field(description="Number of words whose card has an interval of 21 days or more.")


@strawberry.type(
    description="The viewer's statistics, up to date with the last review. Days are in the viewer's time zone."
)
class Dashboard(Node):
    is_type_of = is_row(DashboardValue)

    streak_days = strawberry.field(
        resolver=resolve_dashboard.streak_days,
        graphql_type=int,
        description=(
            "Number of days with reviews in a row, up to today or yesterday. Frozen days neither count nor end it."
        ),
    )
    longest_streak_days = strawberry.field(
        resolver=resolve_dashboard.longest_streak_days, graphql_type=int, description="The longest streak ever."
    )
    streak_freezes_used = strawberry.field(
        resolver=resolve_dashboard.streak_freezes_used,
        graphql_type=int,
        description="Number of missed days of this month that the allowance froze.",
    )
    streak_freezes_left = strawberry.field(
        resolver=resolve_dashboard.streak_freezes_left,
        graphql_type=int,
        description="Number of days of this month that may still be missed without ending the streak.",
    )
    due_now = strawberry.field(
        resolver=resolve_dashboard.due_now, graphql_type=int, description="Number of cards due now."
    )
    reviews_today = strawberry.field(
        resolver=resolve_dashboard.reviews_today, graphql_type=int, description="Number of reviews today."
    )
    new_today = strawberry.field(
        resolver=resolve_dashboard.new_today,
        graphql_type=int,
        description="Number of new cards studied today: reviewed for the first time, or since a reset.",
    )
    limits = strawberry.field(
        resolver=resolve_dashboard.limits,
        graphql_type=DayLimits,
        description="The limits of today, and what they still allow.",
    )
    retention_30d = strawberry.field(
        resolver=resolve_dashboard.retention_30d,
        graphql_type=float | None,
        description=(
            "Share of successful reviews among those of the last 30 days that moved a schedule, between 0 and 1; null "
            "without reviews."
        ),
    )
    study_minutes_7d = strawberry.field(
        resolver=resolve_dashboard.study_minutes_7d,
        graphql_type=float,
        description="Minutes spent on reviews in the last 7 days.",
    )
    forecast = strawberry.field(
        resolver=resolve_dashboard.forecast,
        graphql_type=list[DueForecast] | None,
        description="Forecast of due cards, one item a day, today first.",
        directives=[NULL_ON_ERROR, list_sizes.DAYS],
    )
    activity = strawberry.field(
        resolver=resolve_dashboard.activity,
        graphql_type=list[ActivityDay] | None,
        description="Reviews by day, oldest first, including days without reviews.",
        directives=[NULL_ON_ERROR, list_sizes.DAYS],
    )
    levels = strawberry.field(
        resolver=resolve_dashboard.levels,
        graphql_type=list[LevelProgress],
        description="Progress by level, N5 first.",
        directives=[list_sizes.LEVELS],
    )
    currently_reading = strawberry.field(
        resolver=resolve_dashboard.currently_reading,
        graphql_type=list[ref.BookProgress] | None,
        description="Books in progress, most recently read first.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
