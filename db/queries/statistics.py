"""Queries for a learner's statistics.

Days and months that were counted are read from `review_statistics`. Days that changed since are counted from the log,
usually the present one only, so that results never depend on when the worker counted. Those of cards with one of some
tags are counted from the log of these cards.
"""

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, Date, Text, bindparam, text

from db.core.statement import Query, Row
from db.queries.card_days import CARD_DAYS, CARD_DAYS_OF_TAGS
from db.queries.card_tags import TAGS
from db.queries.dashboard import LEARNER
from db.queries.expressions import NOW, VIEWER_ID
from db.queries.review_cells import (
    LOGGED,
    LOGGED_CELLS,
    LOGGED_TOTALS,
    counted,
    logged_of_tags,
    not_counted,
)
from db.queries.statistics_filters import IS_CHOSEN, KINDS, LEVELS
from domain.enums import JlptLevel, StreakFreezeReason


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
    frozen_days: int
    streak_freeze: StreakFreezeReason | None
    new: int
    learning: int
    young: int
    mature: int


_FROM, _TO = bindparam("from_day", type_=Date), bindparam("to_day", type_=Date)
_UNIT = bindparam("unit", type_=Text)

_WHOLE_MONTH = "month >= :from_day and next_month <= :to_day + 1"
# Before the range, whatever the unit.
_MONTH_OF_PERIODS = f"next_month <= :from_day or (:unit = 'MONTH' and {_WHOLE_MONTH})"


def _cells(sources: str, *parameters: BindParameter[Any]) -> Query[StatisticsCellRow]:
    """`sources`: the common table expressions `counted` and `logged`."""
    return Query(
        text(f"""
with {sources}, {LOGGED_TOTALS}, {LOGGED_CELLS},
every as (
    -- In the list of columns, because a function in the list of tables stores its rows.
    select jlpt_level, unnest(cells) as cell, unnest(cell_reviews) as reviews, unnest(cell_recalled) as recalled,
        unnest(cell_predictions) as predictions
    from counted
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
""").bindparams(VIEWER_ID, _FROM, _TO, LEVELS, KINDS, *parameters),  # noqa: S608  # constants are put in, never a value
        StatisticsCellRow,
        rls_scoped=True,
    )


# Parameters: from_day, to_day, levels, kinds.
cells = _cells(f"{counted(':from_day', ':to_day', _WHOLE_MONTH, '*')}, {LOGGED}")
# Other parameter: tags.
cells_of_tags = _cells(f"{not_counted('*')}, {logged_of_tags(':from_day')}", TAGS)

_CHANGES = "learning_change, young_change, mature_change"
_SCALARS = f"starts_on, reviews, recalled, duration_ms, new_cards, {_CHANGES}"


def _periods(
    sources: str, card_days: str, other_changes: str, *parameters: BindParameter[Any]
) -> Query[StatisticsPeriodRow]:
    """`sources`: as of cells. `card_days`: as in card_days.py. `other_changes`: those of the number of cards that
    reviews do not explain.

    Cards at the end of a period: what changed until then. Those of the learner's present day are the present cards,
    because changes other than reviews are added up only when the worker counts.
    """
    return Query(
        text(f"""
with {LEARNER}, {sources}, {LOGGED_TOTALS},
{card_days},
changes as (
    select starts_on as day, reviews, recalled, duration_ms, 0 as added, new_cards as started, 0 as new_change,
        {_CHANGES}
    from counted
    union all
    select day, reviews, recalled, duration_ms, 0, new_cards, 0, {_CHANGES}
    from logged_totals where {IS_CHOSEN}
    {other_changes}
    union all
    select day, 0, 0, 0, added, 0, added - started, 0, 0, 0 from card_days
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
    select date_trunc(:unit, dates.day)::date as starts_on, bool_or(dates.day::date = today) as is_present,
        count(freeze_reason)::int as frozen_days, case :unit when 'DAY' then max(freeze_reason) end as streak_freeze
    from learner
        cross join generate_series(cast(:from_day as timestamp), least(:to_day, today)::timestamp, '1 day')
            as dates (day)
        left join (
            select day, freeze_reason from review_days
            where user_id = :viewer_id and day between :from_day and :to_day and freeze_reason is not null
        ) as frozen on frozen.day = dates.day::date
    group by 1
),
series as (
    select starts_on, is_present, frozen_days, streak_freeze, coalesce(reviews, 0) as reviews,
        coalesce(recalled, 0) as recalled, coalesce(duration_ms, 0) as duration_ms, coalesce(added, 0) as added,
        coalesce(started, 0) as started,
        sum(new) over until_then as new, sum(learning) over until_then as learning, sum(young) over until_then as young,
        sum(mature) over until_then as mature
    from (select * from calendar union all select '-infinity', false, 0, null) as calendar
        left join sums using (starts_on)
    window until_then as (order by starts_on)
)
select starts_on, reviews::int, recalled::int, duration_ms::float8 / 60000 as study_minutes, added::int, started::int,
    frozen_days, streak_freeze,
    case when is_present then present.new else greatest(series.new, 0) end::int as new,
    case when is_present then present.learning else greatest(series.learning, 0) end::int as learning,
    case when is_present then present.young else greatest(series.young, 0) end::int as young,
    case when is_present then present.mature else greatest(series.mature, 0) end::int as mature
from series cross join present_cards as present
where isfinite(starts_on) order by starts_on
""").bindparams(VIEWER_ID, NOW, _FROM, _TO, LEVELS, KINDS, _UNIT, *parameters),  # noqa: S608  # as above
        StatisticsPeriodRow,
        rls_scoped=True,
    )


_EVER = "'-infinity'::date"
# Parameters: from_day, to_day, levels, kinds, unit, now.
periods = _periods(
    f"{counted(_EVER, ':to_day', _MONTH_OF_PERIODS, _SCALARS)}, {LOGGED}",
    CARD_DAYS,
    f"""union all
    select day, 0, 0, 0, 0, 0, new_change, {_CHANGES}
    from card_count_changes where user_id = :viewer_id and {IS_CHOSEN}""",  # noqa: S608  # as above
)
# Of past days, only changes by reviews are known. Other parameter: tags.
periods_of_tags = _periods(f"{not_counted(_SCALARS)}, {logged_of_tags(_EVER)}", CARD_DAYS_OF_TAGS, "", TAGS)
