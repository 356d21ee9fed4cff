"""SQL that counts reviews of the log for statistics, by day, level of the word and cell."""

from db.queries.statistics_filters import HAS_TAG, IS_CHOSEN
from domain.enums import MATURE_INTERVAL_DAYS
from domain.scheduling import PASSING_QUALITY
from domain.statistics import (
    CALIBRATION_BINS,
    CALIBRATION_CELL,
    HOUR_CELL,
    INTERVAL_CELL,
    INTERVAL_CLASSES,
    MATURITY_CELL,
    RETRIEVABILITY_UNIT,
)


def maturity(interval: str) -> str:
    """Return the position in `Maturity` of a card with this interval in days."""
    return (
        f"(case when {interval} >= {MATURE_INTERVAL_DAYS} then 3 when {interval} >= 1 then 2"
        f" when {interval} > 0 then 1 else 0 end)"
    )


# Of a card; empty for a word or kanji without one. As joins, the planner would read the whole dictionary.
CARD_LEVEL = """coalesce(
    (select jlpt_level from vocabulary where vocabulary.id = vocabulary_id),
    (select jlpt_level from kanji where kanji.id = kanji_id),
    ''
)"""

# What is counted: answers that moved a schedule. Reviews of deleted cards count as long as the log has them.
_IS_COUNTED = "reviews.user_id = :viewer_id and not undone and rescheduled"


def _logged(source: str) -> str:
    """Return the common table expression `logged`. `source`: of `reviews`, and the `cards` that they are of."""
    return f"""
    logged as materialized (
        select reviews.day,
            {CARD_LEVEL} as jlpt_level, kind,
            (quality >= {PASSING_QUALITY})::int as recalled, duration_ms, retrievability, interval_days_before,
            {maturity("interval_days_before")} as maturity_before,
            {maturity("interval_days_after")} as maturity_after,
            coalesce(hour, extract(hour from reviewed_at at time zone time_zone))::int as hour,
            reviewed_at = cards.first_reviewed_at and 1 = row_number() over (
                partition by card_id, reviewed_at order by idempotency_key collate "C"
            ) as is_first
        from {source} join user_settings on user_settings.user_id = :viewer_id
    )
    """  # noqa: S608  # constants are put in, never a value


# A day of the learner begins up to 25 hours before the day in UTC, the range of time zones, and ends up to 25 hours
# after it, if it starts at 23:00. Only so much of the log is read for a day; the partitions of other months are not.
#
# `offset 0`: otherwise the planner may read all reviews or all cards of the learner.
#
# Requires a common table expression `counted_days (day)`, and the parameter viewer_id.
LOGGED = _logged(
    f"""counted_days
            cross join lateral (
                select * from reviews
                where {_IS_COUNTED} and reviews.day = counted_days.day
                    and reviewed_at >= counted_days.day::timestamp at time zone 'UTC' - interval '25 hours'
                    and reviewed_at <= counted_days.day::timestamp at time zone 'UTC' + interval '73 hours'
                offset 0
            ) as reviews
            cross join lateral (
                select vocabulary_id, kanji_id, kind, first_reviewed_at from cards
                where cards.user_id = :viewer_id and cards.id = card_id offset 0
            ) as cards"""  # noqa: S608  # constants are put in, never a value
)


def logged_of_tags(first: str) -> str:
    """Return `logged` of all cards with one of the parameter `tags`, from a day, given as SQL, to `to_day`.

    No totals are by tag: the log of these cards is read.
    """
    return _logged(
        f"""(
                select id, vocabulary_id, kanji_id, kind, first_reviewed_at from cards
                where user_id = :viewer_id and {HAS_TAG}
            ) as cards
            cross join lateral (
                select * from reviews where card_id = cards.id and {_IS_COUNTED} and day between {first} and :to_day
                offset 0
            ) as reviews"""  # noqa: S608  # constants are put in, never a value
    )


# Totals of `logged`. Columns: those of `review_statistics`.
LOGGED_TOTALS = """
    logged_totals as (
        select day, jlpt_level, kind, count(*)::int as reviews, sum(recalled)::int as recalled,
            count(*) filter (where is_first)::int as new_cards, coalesce(sum(duration_ms), 0)::bigint as duration_ms,
            count(duration_ms)::int as timed_reviews,
            (count(*) filter (where maturity_after = 1) - count(*) filter (where maturity_before = 1))::int
                as learning_change,
            (count(*) filter (where maturity_after = 2) - count(*) filter (where maturity_before = 2))::int
                as young_change,
            (count(*) filter (where maturity_after = 3) - count(*) filter (where maturity_before = 3))::int
                as mature_change
        from logged group by day, jlpt_level, kind
    )
"""

# Only reviews of cards with an interval of a day or more count for intervals and hours, as for true retention.
_CLASSES = ", ".join(map(str, INTERVAL_CLASSES))
LOGGED_CELLS = f"""
    logged_cells as (
        select day, jlpt_level, kind, cell::smallint, count(*)::int as reviews, sum(recalled)::int as recalled,
            coalesce(sum(prediction), 0)::bigint as predictions
        from logged cross join lateral (values
            ({MATURITY_CELL} + maturity_before, null),
            (case when interval_days_before >= 1 then
                {INTERVAL_CELL - 1} + width_bucket(interval_days_before, array[{_CLASSES}]::float8[]) end, null),
            (case when interval_days_before >= 1 then {HOUR_CELL} + hour end, null),
            (case when retrievability is not null then {CALIBRATION_CELL} + least(
                retrievability * {CALIBRATION_BINS} / {RETRIEVABILITY_UNIT}, {CALIBRATION_BINS - 1}
            ) end, retrievability)
        ) as cells (cell, prediction)
        where cell is not null
        group by day, jlpt_level, kind, cell
    )
"""  # noqa: S608  # as above


def counted(first: str, last: str, is_whole: str, columns: str) -> str:
    """Return common table expressions: days of a range to count from the log, and columns of counted months and days.

    A month whose days are all counted is used where `is_whole`, a condition of the dates `month` and `next_month`, is
    true; otherwise its days. Only these rows are read. Parameters: viewer_id, levels, kinds.
    """
    return f"""
    days as materialized (
        select review_days.day, date_trunc('month', review_days.day::timestamp)::date as month,
            counted_at is distinct from updated_at as is_changed
        from review_days left join statistics_days using (user_id, day)
        where user_id = :viewer_id and review_days.day between {first} and {last}
    ),
    counted_days as materialized (select day from days where is_changed),
    months as materialized (
        select month, ({is_whole}) and not has_changed as is_used
        from (
            select month, (month + interval '1 month')::date as next_month, bool_or(is_changed) as has_changed
            from days group by month
        ) as of_range
    ),
    spans as materialized (
        select 'MONTH' as unit, month as starts_on from months where is_used
        union all
        select 'DAY', day from days join months using (month) where not is_used and not is_changed
    ),
    counted as materialized (
        select {columns} from spans join review_statistics using (unit, starts_on)
        where user_id = :viewer_id and {IS_CHOSEN}
    )
    """  # noqa: S608  # as above


def not_counted(columns: str) -> str:
    """Return `counted` without rows, for cards of tags."""
    return f"counted as materialized (select {columns} from review_statistics where false)"  # noqa: S608  # as above
