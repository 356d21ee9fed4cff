"""Statements that count the reviews of a learner's days for statistics. They run as the owner of the tables."""

from sqlalchemy import Date, Integer, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.statement import Command, Row
from db.queries.expressions import VIEWER_ID
from db.queries.review_cells import CARD_LEVEL, LOGGED, LOGGED_CELLS, LOGGED_TOTALS, maturity
from db.tables.base import Timestamp

_DAYS = bindparam("days", type_=ARRAY(Date))

_TOTALS = "reviews, recalled, new_cards, duration_ms, timed_reviews, learning_change, young_change, mature_change"
_CELLS = "cells, cell_reviews, cell_recalled, cell_predictions"
_CELLS_AS_ARRAYS = """array_agg(cell order by cell) as cells, array_agg(reviews order by cell) as cell_reviews,
        array_agg(recalled order by cell) as cell_recalled, array_agg(predictions order by cell) as cell_predictions"""
_INSERT = f"insert into review_statistics (user_id, unit, starts_on, jlpt_level, kind, {_TOTALS}, {_CELLS})"

# Days with a state of the log that was not counted yet, the oldest change first. Parameter: limit.
uncounted_days = Command(
    text("""
select review_days.day, updated_at
from review_days left join statistics_days using (user_id, day)
where user_id = :viewer_id and counted_at is distinct from updated_at
order by updated_at, day limit :limit
""").bindparams(VIEWER_ID, bindparam("limit", type_=Integer)),
    Row,
)

delete_days = Command(
    text(
        "delete from review_statistics where user_id = :viewer_id and unit = 'DAY' and starts_on = any(:days)"
    ).bindparams(VIEWER_ID, _DAYS),
    Row,
)
count_days = Command(
    text(f"""
with counted_days as (select unnest(:days) as day), {LOGGED}, {LOGGED_TOTALS}, {LOGGED_CELLS},
cells as (
    select day, jlpt_level, kind, {_CELLS_AS_ARRAYS}
    from logged_cells group by day, jlpt_level, kind
)
{_INSERT}
select :viewer_id, 'DAY', day, jlpt_level, kind, {_TOTALS}, {_CELLS}
from logged_totals join cells using (day, jlpt_level, kind)
order by day, jlpt_level, kind
""").bindparams(VIEWER_ID, _DAYS),  # noqa: S608  # constants are put in, never a value
    Row,
)

_MONTHS = "(select date_trunc('month', day::timestamp)::date from unnest(:days) as day)"
delete_months = Command(
    text(
        "delete from review_statistics where user_id = :viewer_id and unit = 'MONTH'"  # noqa: S608  # as above
        f" and starts_on in {_MONTHS}"
    ).bindparams(VIEWER_ID, _DAYS),
    Row,
)
count_months = Command(
    text(f"""
with days as (
    select date_trunc('month', starts_on::timestamp)::date as month, * from review_statistics
    where user_id = :viewer_id and unit = 'DAY' and date_trunc('month', starts_on::timestamp)::date in {_MONTHS}
),
totals as (
    select month, jlpt_level, kind, sum(reviews)::int as reviews, sum(recalled)::int as recalled,
        sum(new_cards)::int as new_cards, sum(duration_ms)::bigint as duration_ms,
        sum(timed_reviews)::int as timed_reviews, sum(learning_change)::int as learning_change,
        sum(young_change)::int as young_change, sum(mature_change)::int as mature_change
    from days group by month, jlpt_level, kind
),
cells as (
    select month, jlpt_level, kind, cell, sum(counted.reviews)::int as reviews, sum(counted.recalled)::int as recalled,
        sum(predictions)::bigint as predictions
    from days cross join lateral unnest(cells, cell_reviews, cell_recalled, cell_predictions)
        as counted (cell, reviews, recalled, predictions)
    group by month, jlpt_level, kind, cell
),
arrays as (
    select month, jlpt_level, kind, {_CELLS_AS_ARRAYS}
    from cells group by month, jlpt_level, kind
)
{_INSERT}
select :viewer_id, 'MONTH', month, jlpt_level, kind, {_TOTALS}, {_CELLS}
from totals join arrays using (month, jlpt_level, kind)
order by month, jlpt_level, kind
""").bindparams(VIEWER_ID, _DAYS),  # noqa: S608  # constants are put in, never a value
    Row,
)

# The states that were read before the days were counted: of a day that changed in between, the newer one is not.
mark_counted = Command(
    text("""
insert into statistics_days (user_id, day, counted_at)
select :viewer_id, day, counted_at from unnest(:days, :counted_at) as counted (day, counted_at) order by day
on conflict (user_id, day) do update set counted_at = excluded.counted_at
""").bindparams(VIEWER_ID, _DAYS, bindparam("counted_at", type_=ARRAY(Timestamp))),
    Row,
)

# The difference between the present cards and all counted changes, for the learner's day. Once all days are counted.
balance_card_counts = Command(
    text(f"""
with learner as (
    select ((now() at time zone time_zone) - make_interval(hours => day_starts_at_hour))::date as today
    from user_settings where user_id = :viewer_id
),
present as (
    select {CARD_LEVEL} as jlpt_level, kind,
        count(*) filter (where maturity = 0)
            - count(*) filter (where first_reviewed_at is null) as new_change,
        count(*) filter (where maturity = 1) as learning_change,
        count(*) filter (where maturity = 2) as young_change,
        count(*) filter (where maturity = 3) as mature_change
    from cards cross join lateral (select {maturity("interval_days")} as maturity) as known
    where user_id = :viewer_id and deleted_at is null
    group by 1, 2
),
counted as (
    select jlpt_level, kind, 0 as new_change, learning_change, young_change, mature_change from review_statistics
    where user_id = :viewer_id and unit = 'MONTH'
    union all
    select jlpt_level, kind, new_change, learning_change, young_change, mature_change from card_count_changes
    where user_id = :viewer_id
),
missing as (
    select jlpt_level, kind, sum(new_change)::int as new_change, sum(learning_change)::int as learning_change,
        sum(young_change)::int as young_change, sum(mature_change)::int as mature_change
    from (
        select * from present
        union all
        select jlpt_level, kind, -new_change, -learning_change, -young_change, -mature_change from counted
    ) as changes
    group by jlpt_level, kind
)
insert into card_count_changes (
    user_id, day, jlpt_level, kind, new_change, learning_change, young_change, mature_change
)
select :viewer_id, today, jlpt_level, kind, new_change, learning_change, young_change, mature_change
from missing cross join learner
where (new_change, learning_change, young_change, mature_change) <> (0, 0, 0, 0) and not exists (
    select from review_days left join statistics_days using (user_id, day)
    where user_id = :viewer_id and counted_at is distinct from updated_at
)
on conflict (user_id, day, jlpt_level, kind) do update set
    new_change = card_count_changes.new_change + excluded.new_change,
    learning_change = card_count_changes.learning_change + excluded.learning_change,
    young_change = card_count_changes.young_change + excluded.young_change,
    mature_change = card_count_changes.mature_change + excluded.mature_change
""").bindparams(VIEWER_ID),  # noqa: S608  # constants are put in, never a value
    Row,
)
