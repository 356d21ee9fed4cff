"""The learner's dashboard."""

import datetime

import strawberry

from domain.enums import JlptLevel
from domain.viewer import Dashboard as DashboardValue
from resolvers import dashboard as resolve_dashboard
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import NULL_ON_ERROR
from schema.nodes import Node, is_row


@strawberry.type(description="How many cards come due on a day.")
class DueForecast:
    date: datetime.date = strawberry.field(description="The day.")
    due: int = strawberry.field(description="Cards that come due; today's includes what is overdue.")


@strawberry.type(description="What was reviewed on a day.")
class ActivityDay:
    date: datetime.date = strawberry.field(description="The day.")
    reviews: int = strawberry.field(description="Reviews done.")
    recalled: int = strawberry.field(description="Reviews answered with 3 or better.")


@strawberry.type(description="How much of a level is begun, and known.")
class LevelProgress:
    jlpt_level: JlptLevel = strawberry.field(description="The level.")
    total: int = strawberry.field(description="Words of the level.")
    learning: int = strawberry.field(description="Words whose card is begun and not mature yet.")
    mature: int = strawberry.field(description="Words whose card has an interval of 21 days or more.")


@strawberry.type(description="Figures of the viewer, right to the last review. Days are the viewer's own.")
class Dashboard(Node):
    is_type_of = is_row(DashboardValue)

    streak_days = strawberry.field(
        resolver=resolve_dashboard.streak_days,
        graphql_type=int,
        description="Days in a row with reviews, up to today or yesterday.",
    )
    longest_streak_days = strawberry.field(
        resolver=resolve_dashboard.longest_streak_days, graphql_type=int, description="The longest such run ever."
    )
    due_now = strawberry.field(
        resolver=resolve_dashboard.due_now, graphql_type=int, description="Cards due at this moment."
    )
    reviews_today = strawberry.field(
        resolver=resolve_dashboard.reviews_today, graphql_type=int, description="Reviews done today."
    )
    new_today = strawberry.field(
        resolver=resolve_dashboard.new_today, graphql_type=int, description="Cards reviewed for the first time today."
    )
    retention_30d = strawberry.field(
        resolver=resolve_dashboard.retention_30d,
        graphql_type=float | None,
        description="Share of the last 30 days' reviews that were recalled: 0 to 1; null without reviews.",
    )
    study_minutes_7d = strawberry.field(
        resolver=resolve_dashboard.study_minutes_7d,
        graphql_type=float,
        description="Minutes of reviews in the last 7 days.",
    )
    forecast = strawberry.field(
        resolver=resolve_dashboard.forecast,
        graphql_type=list[DueForecast] | None,
        description="Cards that come due, a day each, today first.",
        directives=[NULL_ON_ERROR, list_sizes.DAYS],
    )
    activity = strawberry.field(
        resolver=resolve_dashboard.activity,
        graphql_type=list[ActivityDay] | None,
        description="Reviews, a day each, zeros included, oldest first.",
        directives=[NULL_ON_ERROR, list_sizes.DAYS],
    )
    levels = strawberry.field(
        resolver=resolve_dashboard.levels,
        graphql_type=list[LevelProgress],
        description="Each level, N5 first.",
        directives=[list_sizes.LEVELS],
    )
    currently_reading = strawberry.field(
        resolver=resolve_dashboard.currently_reading,
        graphql_type=list[ref.BookProgress] | None,
        description="Books begun and not finished, latest read first.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
