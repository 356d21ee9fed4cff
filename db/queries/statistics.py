"""Queries for a learner's statistics.

Days and months that were counted are read from `review_statistics`. Days that changed since are counted from the log,
usually the present one only, so that results never depend on when the worker counted.
"""

from datetime import date

from sqlalchemy import Date, Integer, Text, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from db.core.statement import Query, Row
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.review_cells import IS_CHOSEN, LOGGED, LOGGED_CELLS, LOGGED_TOTALS, counted, maturity
from domain.enums import JlptLevel
from domain.ids import CardId
from domain.scheduling import PASSING_QUALITY


class StatisticsCellRow(Row):
    """The reviews of a cell (see domain/statistics.py) and a level. All reviews of the level are in cell -1, which
    alone has new cards and durations."""

    __slots__ = ()
    jlpt_level: JlptLevel | None
    cell: int
    reviews: int
    recalled: int
    predictions: int
    new_cards: int
    duration_ms: int
    timed_reviews: int


class StatisticsPeriodRow(Row):
    """What was done in a day, week or month, and the cards at its end."""

    __slots__ = ()
    starts_on: date
    reviews: int
    recalled: int
    study_minutes: float
    added: int
    started: int
    new: int
    learning: int
    young: int
    mature: int


class StatisticsForecastRow(Row):
    """The cards that become due on a day. Today includes overdue cards."""

    __slots__ = ()
    date: date
    learning: int
    young: int
    mature: int


class HardCardRow(Row):
    """A card that was often forgotten."""

    __slots__ = ()
    card_id: CardId
    reviews: int
    recalled: int


_FROM, _TO = bindparam("from_day", type_=Date), bindparam("to_day", type_=Date)
_LEVELS, _KINDS = (bindparam(name, type_=ARRAY(Text)) for name in ("levels", "kinds"))
_UNIT = bindparam("unit", type_=Text)
_DAYS, _LIMIT = (bindparam(name, type_=Integer) for name in ("days", "limit"))


_IS_CHOSEN_CARD = """(
    (
        cast(:levels as text[]) is null
        or vocabulary_id in (select id from vocabulary where jlpt_level = any(:levels))
        or kanji_id in (select id from kanji where jlpt_level = any(:levels))
    ) and (cast(:kinds as text[]) is null or kind = any(:kinds))
)"""

_WHOLE_MONTH = "month >= :from_day and next_month <= :to_day + 1"
# Before the range, whatever the unit.
_MONTH_OF_PERIODS = f"next_month <= :from_day or (:unit = 'MONTH' and {_WHOLE_MONTH})"

# Parameters: from_day, to_day, levels, kinds.
cells = Query(
    text(f"""
with {counted(":from_day", ":to_day", _WHOLE_MONTH, "*")}, {LOGGED}, {LOGGED_TOTALS}, {LOGGED_CELLS},
every as (
    select jlpt_level, cell, counts.reviews, counts.recalled, predictions
    from counted cross join lateral unnest(cells, cell_reviews, cell_recalled, cell_predictions)
        as counts (cell, reviews, recalled, predictions)
    union all
    select jlpt_level, cell, reviews, recalled, predictions from logged_cells where {IS_CHOSEN}
),
totals as (
    select jlpt_level, reviews, recalled, new_cards, duration_ms, timed_reviews from counted
    union all
    select jlpt_level, reviews, recalled, new_cards, duration_ms, timed_reviews from logged_totals
    where {IS_CHOSEN}
)
select nullif(jlpt_level, '') as jlpt_level, cell::int, sum(reviews)::bigint as reviews,
    sum(recalled)::bigint as recalled, sum(predictions)::bigint as predictions, 0::bigint as new_cards,
    0::bigint as duration_ms, 0::bigint as timed_reviews
from every group by jlpt_level, cell
union all
select nullif(jlpt_level, ''), -1, sum(reviews)::bigint, sum(recalled)::bigint, 0, sum(new_cards)::bigint,
    sum(duration_ms)::bigint, sum(timed_reviews)::bigint
from totals group by jlpt_level
""").bindparams(VIEWER_ID, _FROM, _TO, _LEVELS, _KINDS),  # noqa: S608  # constants are put in, never a value
    StatisticsCellRow,
    rls_scoped=True,
)

# Cards at the end of a period: what changed until then. Those of the learner's present day are counted, because changes
# other than reviews are added up only when the worker counts. Parameters: from_day, to_day, levels, unit, now.
_CHANGES = "learning_change, young_change, mature_change"
_SCALARS = f"starts_on, reviews, recalled, duration_ms, new_cards, {_CHANGES}"
periods = Query(
    text(f"""
with {LEARNER}, {counted("'-infinity'::date", ":to_day", _MONTH_OF_PERIODS, _SCALARS)}, {LOGGED}, {LOGGED_TOTALS},
own_cards as materialized (
    select ((cards.created_at at time zone time_zone) - turn)::date as added_on,
        ((first_reviewed_at at time zone time_zone) - turn)::date as started_on,
        {maturity("interval_days")} as maturity, count(*) as number
    from cards cross join learner where user_id = :viewer_id and deleted_at is null and {_IS_CHOSEN_CARD}
    group by 1, 2, 3
),
changes as (
    select starts_on as day, reviews, recalled, duration_ms, 0 as added, new_cards as started, 0 as new_change,
        {_CHANGES}
    from counted
    union all
    select day, reviews, recalled, duration_ms, 0, new_cards, 0, {_CHANGES}
    from logged_totals where {IS_CHOSEN}
    union all
    select day, 0, 0, 0, 0, 0, new_change, {_CHANGES}
    from card_count_changes where user_id = :viewer_id and {IS_CHOSEN}
    union all
    select added_on, 0, 0, 0, sum(number), 0, sum(number), 0, 0, 0 from own_cards group by added_on
    union all
    select started_on, 0, 0, 0, 0, 0, -sum(number), 0, 0, 0
    from own_cards where started_on is not null group by started_on
),
-- All that is before the range starts at -infinity.
sums as (
    select case when day >= :from_day then date_trunc(:unit, day::timestamp)::date else '-infinity' end as starts_on,
        sum(reviews) as reviews, sum(recalled) as recalled, sum(duration_ms) as duration_ms, sum(added) as added,
        sum(started) as started, sum(new_change) as new, sum(learning_change) as learning, sum(young_change) as young,
        sum(mature_change) as mature
    from changes where day <= :to_day group by 1
),
calendar as (
    select date_trunc(:unit, day)::date as starts_on, bool_or(day::date = today) as is_present
    from learner
        cross join generate_series(cast(:from_day as timestamp), least(:to_day, today)::timestamp, '1 day') as day
    group by 1
),
series as (
    select starts_on, is_present, coalesce(reviews, 0) as reviews, coalesce(recalled, 0) as recalled,
        coalesce(duration_ms, 0) as duration_ms, coalesce(added, 0) as added, coalesce(started, 0) as started,
        sum(new) over until_then as new, sum(learning) over until_then as learning, sum(young) over until_then as young,
        sum(mature) over until_then as mature
    from (select starts_on, is_present from calendar union all select '-infinity', false) as calendar
        left join sums using (starts_on)
    window until_then as (order by starts_on)
)
select starts_on, reviews::int, recalled::int, duration_ms::float8 / 60000 as study_minutes, added::int, started::int,
    case when is_present then present.new else greatest(series.new, 0) end::int as new,
    case when is_present then present.learning else greatest(series.learning, 0) end::int as learning,
    case when is_present then present.young else greatest(series.young, 0) end::int as young,
    case when is_present then present.mature else greatest(series.mature, 0) end::int as mature
from series cross join (
    select coalesce(sum(number) filter (where maturity = 0), 0) as new,
        coalesce(sum(number) filter (where maturity = 1), 0) as learning,
        coalesce(sum(number) filter (where maturity = 2), 0) as young,
        coalesce(sum(number) filter (where maturity = 3), 0) as mature
    from own_cards
) as present
where isfinite(starts_on) order by starts_on
""").bindparams(VIEWER_ID, NOW, _FROM, _TO, _LEVELS, _KINDS, _UNIT),  # noqa: S608  # constants are put in, never a value
    StatisticsPeriodRow,
    rls_scoped=True,
)

# Parameters: levels, kinds, days, now.
forecast = Query(
    text(f"""
with {LEARNER},
due as (
    select greatest(((due_at at time zone time_zone) - turn)::date, today) as day,
        count(*) filter (where maturity < 2) as learning, count(*) filter (where maturity = 2) as young,
        count(*) filter (where maturity = 3) as mature
    from cards cross join learner cross join lateral (select {maturity("interval_days")} as maturity) as known
    where user_id = :viewer_id and deleted_at is null and not suspended and queue <> 'NEW'
        and due_at < ((today + :days)::timestamp + turn) at time zone time_zone and {_IS_CHOSEN_CARD}
    group by 1
)
select today + day_number as date, coalesce(learning, 0)::int as learning, coalesce(young, 0)::int as young,
    coalesce(mature, 0)::int as mature
from learner cross join generate_series(0, :days - 1) as day_number left join due on due.day = today + day_number
order by 1
""").bindparams(VIEWER_ID, NOW, _LEVELS, _KINDS, _DAYS),  # noqa: S608  # constants are put in, never a value
    StatisticsForecastRow,
    rls_scoped=True,
)

# Parameters: levels, kinds, limit.
hardest_cards = Query(
    text(f"""
with hardest as materialized (
    select id, lapses from cards
    where user_id = :viewer_id and deleted_at is null and lapses > 0 and {_IS_CHOSEN_CARD}
    order by lapses desc, id limit :limit
)
select hardest.id as card_id, count(reviews.id)::int as reviews,
    count(reviews.id) filter (where quality >= {PASSING_QUALITY})::int as recalled
from hardest left join lateral (
    select id, quality from reviews where card_id = hardest.id and user_id = :viewer_id and not undone offset 0
) as reviews on true
group by hardest.id, lapses
order by lapses desc, hardest.id
""").bindparams(VIEWER_ID, _LEVELS, _KINDS, _LIMIT),  # noqa: S608  # constants are put in, never a value
    HardCardRow,
    rls_scoped=True,
)
