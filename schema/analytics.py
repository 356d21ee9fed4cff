"""Statistics of date ranges for administrators."""

import datetime

import strawberry

from domain.list_sizes import (
    MAX_ANALYTICS_DAYS,
)
from resolvers import analytics as resolve_analytics
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost


@strawberry.type(description="Analytics for one day.")
class AnalyticsDay:
    date: datetime.date = strawberry.field(description="The day.")
    active_learners: int = strawberry.field(description="Number of learners with reviews.")
    reviews: int = strawberry.field(description="Number of reviews.")
    retention: float | None = strawberry.field(description="Share of successful reviews, between 0 and 1.")


@strawberry.type(description="Review statistics of a word.")
class VocabularyDifficulty:
    vocabulary = strawberry.field(
        resolver=resolve_analytics.difficult_vocabulary, graphql_type=ref.Vocabulary, description="The word."
    )
    reviews: int = strawberry.field(description="Number of reviews by all learners.")
    lapse_rate: float = strawberry.field(description="Share of failed reviews, between 0 and 1.")


@strawberry.type(description="Analytics for a date range.")
class Analytics:
    active_learners = strawberry.field(
        resolver=resolve_analytics.active_learners,
        graphql_type=int,
        description="Number of learners with reviews.",
    )
    new_learners = strawberry.field(
        resolver=resolve_analytics.new_learners, graphql_type=int, description="Number of sign-ups."
    )
    reviews = strawberry.field(
        resolver=resolve_analytics.review_count, graphql_type=int, description="Number of reviews."
    )
    retention = strawberry.field(
        resolver=resolve_analytics.retention,
        graphql_type=float | None,
        description="Share of successful reviews, between 0 and 1.",
    )
    textbooks_generated = strawberry.field(
        resolver=resolve_analytics.textbooks_generated, graphql_type=int, description="Number of textbooks."
    )
    days = strawberry.field(
        resolver=resolve_analytics.days,
        graphql_type=list[AnalyticsDay],
        description="Days with reviews, oldest first.",
        directives=[list_sizes.at_most(MAX_ANALYTICS_DAYS)],
    )
    top_vocabulary = strawberry.field(
        resolver=resolve_analytics.top_vocabulary,
        graphql_type=list[VocabularyDifficulty] | None,
        description="Words with the most failed reviews, hardest first.",
        directives=[NULL_ON_ERROR, Cost(weight="50"), list_sizes.FIRST],
    )
