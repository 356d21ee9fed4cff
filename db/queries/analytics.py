"""Statistics of date ranges for administrators, from totals of days."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Date, Integer, bindparam, text

from db.core.statement import Query, Row
from domain.ids import VocabularyId


class AnalyticsTotalsRow(Row):
    """Statistics of a date range."""

    __slots__ = ()
    active_learners: int
    new_learners: int
    reviews: int
    retention: float | None
    new_cards: int
    study_minutes: float
    textbooks_generated: int
    chapters_read: int
    books_started: int
    books_finished: int


class AnalyticsDayRow(Row):
    """Statistics of one day."""

    __slots__ = ()
    date: date
    active_learners: int
    weekly_active_learners: int
    monthly_active_learners: int
    new_learners: int
    reviews: int
    retention: float | None


class CohortRow(Row):
    """Learners who signed up in a week. `active`: how many had reviews in that week and each later one."""

    __slots__ = ()
    week: date
    learners: int
    active: list[int]


class VocabularyDifficultyRow(Row):
    """The lapse rate of a word."""

    __slots__ = ()
    vocabulary_id: VocabularyId
    reviews: int
    lapse_rate: float


# Of all queries here, which the worker invalidates when it has counted.
TAG = "analytics"


def _tags(_: Mapping[str, Any]) -> Iterator[str]:
    yield TAG


_RANGE = (bindparam("from_day", type_=Date), bindparam("to_day", type_=Date))
_RETENTION = "sum(recalled)::float / nullif(sum(reviews - crammed), 0)"
# Each learner of the range once: on the first of their days in it.
totals = Query(
    text(f"""
select coalesce((
        select sum(learners) from analytics_gaps where day between :from_day and :to_day and previous_day < :from_day
    ), 0)::int as active_learners,
    coalesce(sum(new_learners), 0)::int as new_learners, coalesce(sum(reviews), 0)::bigint as reviews,
    {_RETENTION} as retention, coalesce(sum(new_cards), 0)::bigint as new_cards,
    coalesce(sum(duration_ms), 0)::float / 60000 as study_minutes,
    coalesce(sum(textbooks_generated), 0)::int as textbooks_generated,
    coalesce(sum(chapters_read), 0)::int as chapters_read, coalesce(sum(books_started), 0)::int as books_started,
    coalesce(sum(books_finished), 0)::int as books_finished
from analytics_days where day between :from_day and :to_day
""").bindparams(*_RANGE),  # noqa: S608  # a constant is put in, never a value
    AnalyticsTotalsRow,
    rls_scoped=True,
    cache_tags=(_tags,),
)
days = Query(
    text(f"""
select day as date, active_learners, weekly_active_learners, monthly_active_learners, new_learners, reviews,
    {_RETENTION.replace("sum", "")} as retention
from analytics_days where day between :from_day and :to_day and reviews > 0 order by day
""").bindparams(*_RANGE),  # noqa: S608  # as above
    AnalyticsDayRow,
    rls_scoped=True,
    cache_tags=(_tags,),
)
# Parameters: from_day, to_day, and today, after which there are no weeks.
cohorts = Query(
    text("""
select cohort as week, learners, (
        select array_agg(coalesce(analytics_cohorts.learners, 0) order by number)
        from generate_series(0, least(52, (:today - cohort) / 7)) as number
        left join analytics_cohorts on analytics_cohorts.cohort = cohorts.cohort and week = number
    ) as active
from (
    select monday::date as cohort, (
            select coalesce(sum(new_learners), 0)::int from analytics_days
            where day between monday::date and monday::date + 6
        ) as learners
    from generate_series(date_trunc('week', :from_day), least(:to_day, :today), interval '7 days') as monday
    offset 0
) as cohorts where learners > 0 order by cohort
""").bindparams(*_RANGE, bindparam("today", type_=Date)),
    CohortRow,
    rls_scoped=True,
    cache_tags=(_tags,),
)

# The rate of a word with fewer reviews is not meaningful.
_MIN_REVIEWS = 5
# Whole months of the range, and the days before and after them. Of months before `first_kept`, no days are kept, so
# that a range that begins or ends in one has the whole month. Parameter `first_kept`: the first day of a month.
hardest_vocabulary = Query(
    text(f"""
with months as (
    select
        case when :from_day < :first_kept then date_trunc('month', :from_day)
            else date_trunc('month', :from_day + interval '1 month' - interval '1 day') end::date as first,
        case when :to_day < :first_kept then date_trunc('month', :to_day + interval '1 month')
            else date_trunc('month', :to_day + interval '1 day') end::date as after
),
counted as (
    select vocabulary_id, reviews, lapses from months join analytics_word_months on month >= first and month < after
    union all
    select vocabulary_id, reviews, lapses from months join analytics_word_days
        on day between :from_day and :to_day and (day < first or day >= after or after <= first)
)
select vocabulary_id, sum(reviews)::bigint as reviews, sum(lapses)::float / sum(reviews) as lapse_rate
from counted where exists (select from vocabulary where vocabulary.id = vocabulary_id)
group by vocabulary_id having sum(reviews) >= {_MIN_REVIEWS}
order by lapse_rate desc, vocabulary_id limit :limit
""").bindparams(*_RANGE, bindparam("first_kept", type_=Date), bindparam("limit", type_=Integer)),  # noqa: S608  # as above
    VocabularyDifficultyRow,
    rls_scoped=True,
    cache_tags=(_tags,),
)
