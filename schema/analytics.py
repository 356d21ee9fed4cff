"""Statistics of date ranges for administrators."""

import datetime

import strawberry

from db.queries.analytics import CohortRow
from domain.list_sizes import MAX_ANALYTICS_DAYS, MAX_COHORTS, MAX_WEEKS_OF_COHORT
from resolvers import analytics as resolve_analytics
from schema import lazy_types as ref
from schema import list_sizes
from schema.directives import NULL_ON_ERROR, Cost
from schema.nodes import is_row


@strawberry.type(description="Analytics for one day.")
class AnalyticsDay:
    date: datetime.date = strawberry.field(description="The day.")
    active_learners: int = strawberry.field(description="Number of learners with reviews.")
    weekly_active_learners: int = strawberry.field(
        description="Number of learners with reviews on the 7 days that end with this one."
    )
    monthly_active_learners: int = strawberry.field(
        description="Number of learners with reviews on the 30 days that end with this one."
    )
    new_learners: int = strawberry.field(description="Number of sign-ups, in UTC.")
    reviews: int = strawberry.field(description="Number of reviews.")
    retention: float | None = strawberry.field(description="Share of successful reviews, between 0 and 1.")


@strawberry.type(description="Learners who signed up in a week, and how many of them still study.")
class RetentionCohort:
    is_type_of = is_row(CohortRow)

    week: datetime.date = strawberry.field(description="The Monday of the week.")
    learners: int = strawberry.field(description="Number of sign-ups.")
    retention = strawberry.field(
        resolver=resolve_analytics.cohort_retention,
        graphql_type=list[float],
        description=(
            "Share of them with reviews in that week and each of the next 52, up to the present one; between 0 and 1."
        ),
        directives=[list_sizes.at_most(MAX_WEEKS_OF_COHORT)],
    )


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
        resolver=resolve_analytics.new_learners,
        graphql_type=int,
        description="Number of sign-ups.",
    )
    reviews = strawberry.field(
        resolver=resolve_analytics.review_count,
        graphql_type=int,
        description="Number of reviews.",
    )
    retention = strawberry.field(
        resolver=resolve_analytics.retention,
        graphql_type=float | None,
        description="Share of successful reviews, between 0 and 1.",
    )
    new_cards = strawberry.field(
        resolver=resolve_analytics.new_cards,
        graphql_type=int,
        description="Number of cards that were reviewed for the first time, or for the first time since a reset.",
    )
    study_minutes = strawberry.field(
        resolver=resolve_analytics.study_minutes,
        graphql_type=float,
        description="Minutes spent on reviews.",
    )
    textbooks_generated = strawberry.field(
        resolver=resolve_analytics.textbooks_generated,
        graphql_type=int,
        description="Number of textbooks that learners had generated.",
    )
    chapters_read = strawberry.field(
        resolver=resolve_analytics.chapters_read,
        graphql_type=int,
        description="Number of chapters of textbooks that were read.",
    )
    books_started = strawberry.field(
        resolver=resolve_analytics.books_started,
        graphql_type=int,
        description="Number of books that learners began to read.",
    )
    books_finished = strawberry.field(
        resolver=resolve_analytics.books_finished,
        graphql_type=int,
        description="Number of books that learners finished.",
    )
    days = strawberry.field(
        resolver=resolve_analytics.days,
        graphql_type=list[AnalyticsDay],
        description="Days with reviews, oldest first.",
        directives=[list_sizes.at_most(MAX_ANALYTICS_DAYS)],
    )
    cohorts = strawberry.field(
        resolver=resolve_analytics.cohorts,
        graphql_type=list[RetentionCohort],
        description="The weeks of the date range with sign-ups, oldest first.",
        directives=[list_sizes.at_most(MAX_COHORTS)],
    )
    top_vocabulary = strawberry.field(
        resolver=resolve_analytics.top_vocabulary,
        graphql_type=list[VocabularyDifficulty] | None,
        description=(
            "Words with the most failed reviews, hardest first. Of days before the last three months, whole months "
            "are counted."
        ),
        directives=[NULL_ON_ERROR, Cost(weight="50"), list_sizes.FIRST],
    )
