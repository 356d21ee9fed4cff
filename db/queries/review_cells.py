"""SQL that counts reviews of the log for statistics, by day, level of the word and cell."""

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

# A day of the learner begins up to 25 hours before the day in UTC, the range of time zones, and ends up to 25 hours
# after it, if it starts at 23:00. Only so much of the log is read for a day; the partitions of other months are not.
#
# Reviews of deleted cards count as long as the log has them.
#
# `offset 0`: otherwise the planner may read all reviews or all cards of the learner.
#
# Requires a common table expression `counted_days (day)`, and the parameter viewer_id.
LOGGED = f"""
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
        from counted_days
            cross join lateral (
                select * from reviews
                where reviews.user_id = :viewer_id and not undone and rescheduled and reviews.day = counted_days.day
                    and reviewed_at >= counted_days.day::timestamp at time zone 'UTC' - interval '25 hours'
                    and reviewed_at <= counted_days.day::timestamp at time zone 'UTC' + interval '73 hours'
                offset 0
            ) as reviews
            cross join lateral (
                select vocabulary_id, kanji_id, kind, first_reviewed_at from cards where cards.id = card_id offset 0
            ) as cards
            join user_settings on user_settings.user_id = :viewer_id
    )
"""  # noqa: S608  # constants are put in, never a value

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


# Whether a row has one of the levels and kinds; all rows without the parameters levels and kinds.
IS_CHOSEN = """(
        (cast(:levels as text[]) is null or jlpt_level = any(:levels))
        and (cast(:kinds as text[]) is null or kind = any(:kinds))
    )"""


def counted(first: str, last: str, is_whole: str, columns: str) -> str:
    """Return common table expressions: days of a range to count from the log, and columns of counted months and days.

    A month whose days are all counted is used where `is_whole`, a condition of the dates `month` and `next_month`, is
    true; otherwise its days. Parameters: viewer_id, levels, kinds.
    """
    return f"""
    counted_days as materialized (
        select review_days.day from review_days left join statistics_days using (user_id, day)
        where user_id = :viewer_id and review_days.day between {first} and {last}
            and counted_at is distinct from updated_at
    ),
    counted as materialized (
        select {columns}
        from review_statistics
            cross join lateral (select {_month_of("starts_on")} as month) as months
            cross join lateral (select (month + interval '1 month')::date as next_month) as next_months
        where user_id = :viewer_id and {IS_CHOSEN}
            and case when ({is_whole}) and month not in (select {_month_of("day")} from counted_days)
                then unit = 'MONTH'
                else unit = 'DAY' and starts_on between {first} and {last}
                    and starts_on not in (select day from counted_days)
            end
    )
    """  # noqa: S608  # as above


def _month_of(day: str) -> str:
    return f"date_trunc('month', {day}::timestamp)::date"
