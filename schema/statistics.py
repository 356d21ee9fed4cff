"""A learner's statistics."""

import datetime

import strawberry

from domain.enums import JlptLevel, Maturity, StatisticsUnit, StreakFreezeReason
from domain.statistics import CALIBRATION_BINS, HOURS, INTERVAL_CLASSES, MAX_STATISTICS_PERIODS
from resolvers import statistics as resolve_statistics
from schema import lazy_types as ref
from schema import list_sizes
from schema.describe import describe_input
from schema.directives import NULL_ON_ERROR
from schema.enum_descriptions import describe_enum

_REVIEWS, _RECALLED = "Number of reviews.", "Number of reviews with a quality of 3 or more."
_RETENTION = "Share of successful reviews, between 0 and 1; null without reviews."

describe_enum(
    Maturity,
    "How well a card is known, by its interval.",
    NEW="Not reviewed yet, or reset.",
    LEARNING="In learning steps: less than a day.",
    YOUNG="Between 1 and 21 days.",
    MATURE="21 days or more.",
)
describe_enum(
    StatisticsUnit,
    "The length of periods.",
    DAY="Days of the learner.",
    WEEK="Weeks that start on Monday.",
    MONTH="Calendar months.",
)
describe_input(
    resolve_statistics.StatisticsFilter,
    "Filters of statistics.",
    jlpt_levels="Filter by JLPT level of the word or kanji.",
    kinds="Filter by what cards ask.",
    tags="Only cards with one of these 1 to 10 tags. Of past days, only reviews change the numbers of cards.",
)


@strawberry.type(description="Reviews of cards of a maturity, which is that before the review.")
class MaturityRecall:
    maturity: Maturity = strawberry.field(description="The maturity.")
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    retention: float | None = strawberry.field(description=_RETENTION)


@strawberry.type(description="Reviews of cards with similar intervals before the review.")
class IntervalRecall:
    min_days: int = strawberry.field(description="The shortest interval.")
    max_days: int | None = strawberry.field(description="The longest interval; null for the last item.")
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    retention: float | None = strawberry.field(description=_RETENTION)


@strawberry.type(description="Reviews of the words and kanji of a level.")
class LevelRecall:
    jlpt_level: JlptLevel | None = strawberry.field(
        description="The level; null for words and kanji that are in no list."
    )
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    retention: float | None = strawberry.field(description=_RETENTION)


@strawberry.type(description="Reviews in an hour of the day.")
class HourRecall:
    hour: int = strawberry.field(description="The hour in the learner's time zone, between 0 and 23.")
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    retention: float | None = strawberry.field(description=_RETENTION)


@strawberry.type(description="Reviews of which FSRS predicted about the same probability of recall.")
class CalibrationBin:
    predicted: float = strawberry.field(description="Mean of the predicted probabilities, between 0 and 1.")
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    retention: float | None = strawberry.field(description="The real share of successful reviews, between 0 and 1.")


@strawberry.type(description="What was done in a day, week or month, and the cards at its end.")
class StatisticsPeriod:
    starts_on: datetime.date = strawberry.field(description="First day, which may be before that of the range.")
    reviews: int = strawberry.field(description=_REVIEWS)
    recalled: int = strawberry.field(description=_RECALLED)
    study_minutes: float = strawberry.field(description="Minutes spent on reviews.")
    added: int = strawberry.field(description="Number of cards created that still exist.")
    started: int = strawberry.field(description="Number of cards reviewed for the first time.")
    frozen_days: int = strawberry.field(
        description="Number of days without reviews that neither count nor end the streak."
    )
    streak_freeze: StreakFreezeReason | None = strawberry.field(
        description="Why the streak does not end without reviews on the day; null if it does, and for longer periods."
    )
    new: int = strawberry.field(description="Number of cards at the end of the period that were not reviewed yet.")
    learning: int = strawberry.field(description="Number of cards in learning steps at the end of the period.")
    young: int = strawberry.field(description="Number of young cards at the end of the period.")
    mature: int = strawberry.field(description="Number of mature cards at the end of the period.")


@strawberry.type(description="Number of cards due on a day, by maturity; today's includes overdue cards.")
class StatisticsForecast:
    date: datetime.date = strawberry.field(description="The day.")
    learning: int = strawberry.field(description="Number of cards in learning steps.")
    young: int = strawberry.field(description="Number of young cards.")
    mature: int = strawberry.field(description="Number of mature cards.")


@strawberry.type(description="A card that was often forgotten.")
class HardCard:
    card = strawberry.field(
        resolver=resolve_statistics.hard_card, graphql_type=ref.Card, description="The card, with its lapses."
    )
    reviews: int = strawberry.field(description="Number of reviews ever.")
    recalled: int = strawberry.field(description=_RECALLED)
    retention = strawberry.field(
        resolver=resolve_statistics.hard_card_retention, graphql_type=float | None, description=_RETENTION
    )


@strawberry.type(
    description=(
        "Statistics of the learner's reviews in a range of days, up to date with the last review. Days are the "
        "learner's when the reviews were saved. Retention by interval, level and hour is that of cards with an "
        "interval of a day or more."
    )
)
class Statistics:
    reviews = strawberry.field(resolver=resolve_statistics.review_count, graphql_type=int, description=_REVIEWS)
    recalled = strawberry.field(resolver=resolve_statistics.recalled, graphql_type=int, description=_RECALLED)
    started = strawberry.field(
        resolver=resolve_statistics.started,
        graphql_type=int,
        description="Number of cards reviewed for the first time.",
    )
    study_minutes = strawberry.field(
        resolver=resolve_statistics.study_minutes, graphql_type=float, description="Minutes spent on reviews."
    )
    seconds_per_review = strawberry.field(
        resolver=resolve_statistics.seconds_per_review,
        graphql_type=float | None,
        description="Mean time of the reviews with a duration; null without any.",
    )
    true_retention = strawberry.field(
        resolver=resolve_statistics.true_retention,
        graphql_type=float | None,
        description=(
            "Share of successful reviews of cards with an interval of a day or more, between 0 and 1; null without "
            "reviews."
        ),
    )
    by_maturity = strawberry.field(
        resolver=resolve_statistics.by_maturity,
        graphql_type=list[MaturityRecall],
        description="Recall by maturity.",
        directives=[list_sizes.at_most(len(Maturity))],
    )
    by_interval = strawberry.field(
        resolver=resolve_statistics.by_interval,
        graphql_type=list[IntervalRecall],
        description="Recall by interval, shortest first.",
        directives=[list_sizes.at_most(len(INTERVAL_CLASSES))],
    )
    by_level = strawberry.field(
        resolver=resolve_statistics.by_level,
        graphql_type=list[LevelRecall],
        description="Recall by level, N5 first; levels without reviews are omitted.",
        directives=[list_sizes.at_most(len(JlptLevel) + 1)],
    )
    by_hour = strawberry.field(
        resolver=resolve_statistics.by_hour,
        graphql_type=list[HourRecall],
        description="Recall by hour of the day.",
        directives=[list_sizes.at_most(HOURS)],
    )
    calibration = strawberry.field(
        resolver=resolve_statistics.calibration,
        graphql_type=list[CalibrationBin],
        description=(
            "Predicted and real recall, in ranges of 5 %; those without reviews are omitted. Only reviews that FSRS "
            "scheduled on a later day than the last one have a prediction; with SM-2 the list is empty."
        ),
        directives=[list_sizes.at_most(CALIBRATION_BINS)],
    )
    periods = strawberry.field(
        resolver=resolve_statistics.periods,
        graphql_type=list[StatisticsPeriod] | None,
        description="Days, weeks or months of the range up to today, oldest first, including those without reviews.",
        directives=[NULL_ON_ERROR, list_sizes.at_most(MAX_STATISTICS_PERIODS)],
    )
    forecast = strawberry.field(
        resolver=resolve_statistics.forecast,
        graphql_type=list[StatisticsForecast] | None,
        description="Forecast of due cards by maturity, one item a day, today first, whatever the range.",
        directives=[NULL_ON_ERROR, list_sizes.DAYS],
    )
    hardest_cards = strawberry.field(
        resolver=resolve_statistics.hardest_cards,
        graphql_type=list[HardCard] | None,
        description="Cards with the most lapses, whatever the range.",
        directives=[NULL_ON_ERROR, list_sizes.FIRST],
    )
    streak_days = strawberry.field(
        resolver=resolve_statistics.streak_days,
        graphql_type=int,
        description="Number of consecutive days with reviews, up to today or yesterday, as on the dashboard.",
    )
    longest_streak_days = strawberry.field(
        resolver=resolve_statistics.longest_streak_days, graphql_type=int, description="The longest streak ever."
    )
