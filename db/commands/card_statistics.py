"""Statements that count a learner's cards for statistics; see db/queries/card_days.py. They run as the owner of the
tables, without row-level security."""

from sqlalchemy import text

from db.core.statement import Command, Row
from db.queries.card_days import changed_cards
from db.queries.expressions import VIEWER_ID
from db.queries.review_cells import CARD_LEVEL, maturity

# Locks the row until the cards are counted, and starts again from transaction 0 after a change of the days or a restore
# of the database. Returns whether all cards are to be counted.
start_count = Command(
    text("""
insert into card_counts (user_id, counted_in, time_zone, day_starts_at_hour, database)
select user_id, '0', time_zone, day_starts_at_hour, database_identity() from user_settings where user_id = :viewer_id
on conflict (user_id) do update set
    counted_in = case
        when (card_counts.time_zone, card_counts.day_starts_at_hour, card_counts.database)
            = (excluded.time_zone, excluded.day_starts_at_hour, excluded.database) then card_counts.counted_in
        else '0'
    end,
    time_zone = excluded.time_zone, day_starts_at_hour = excluded.day_starts_at_hour, database = excluded.database
returning counted_in = '0' as counts_all
""").bindparams(VIEWER_ID),
    Row,
)
clear_cards = Command(text("delete from counted_cards where user_id = :viewer_id").bindparams(VIEWER_ID), Row)
clear_totals = Command(text("delete from card_statistics where user_id = :viewer_id").bindparams(VIEWER_ID), Row)

_COUNTED_IN = "(select counted_in from card_count)"
_COUNTED = "card_id, added_on, started_on, jlpt_level, kind, maturity"
_MATURITIES = {"learning": 1, "young": 2, "mature": 3}
_TOTALS = ("added", "started", *_MATURITIES)
_SUMS = ", ".join(f"sum({name})::int as {name}" for name in _TOTALS)
_ADDED = ", ".join(f"sign * (maturity = {number})::int as {name}" for name, number in _MATURITIES.items())

# The new state is that of the snapshot of this statement.
count_cards = Command(
    text(f"""
with card_count as materialized (select * from card_counts where user_id = :viewer_id),
changed as materialized (
    {changed_cards(_COUNTED_IN)}
    union
    select id from cards where user_id = :viewer_id and {_COUNTED_IN} = '0'
),
present as materialized (
    select id as card_id, ((created_at at time zone time_zone) - turn)::date as added_on,
        ((first_reviewed_at at time zone time_zone) - turn)::date as started_on, {CARD_LEVEL} as jlpt_level, kind,
        {maturity("interval_days")} as maturity
    from changed join cards using (id)
        cross join (select time_zone, make_interval(hours => day_starts_at_hour) as turn from card_count) as days
    where user_id = :viewer_id and deleted_at is null
),
former as materialized (
    select {_COUNTED} from counted_cards join changed on changed.id = card_id where user_id = :viewer_id
),
deleted as (
    delete from counted_cards using former
    where user_id = :viewer_id and counted_cards.card_id = former.card_id
        and not exists (select from present where present.card_id = former.card_id)
),
saved as (
    insert into counted_cards (user_id, {_COUNTED})
    select :viewer_id, {_COUNTED} from (select * from present except select * from former) as changed_counts
    order by card_id
    on conflict (user_id, card_id) do update set
        added_on = excluded.added_on, started_on = excluded.started_on, jlpt_level = excluded.jlpt_level,
        kind = excluded.kind, maturity = excluded.maturity
),
state as (
    update card_counts set counted_in = pg_snapshot_xmin(pg_current_snapshot()) where user_id = :viewer_id
),
counts as (select 1 as sign, * from present union all select -1, * from former),
days as (
    select day, jlpt_level, kind, {_SUMS}
    from (
        select added_on as day, jlpt_level, kind, sign as added, 0 as started, {_ADDED} from counts
        union all
        select started_on, jlpt_level, kind, 0, sign, 0, 0, 0 from counts where started_on is not null
    ) as changes
    group by day, jlpt_level, kind
    having ({", ".join(f"sum({name})" for name in _TOTALS)}) <> (0, 0, 0, 0, 0)
)
insert into card_statistics (user_id, unit, starts_on, jlpt_level, kind, {", ".join(_TOTALS)})
select :viewer_id, 'DAY', day, jlpt_level, kind, {", ".join(_TOTALS)} from days
union all
select :viewer_id, 'MONTH', date_trunc('month', day::timestamp)::date as month, jlpt_level, kind, {_SUMS}
from days group by month, jlpt_level, kind
on conflict (user_id, unit, starts_on, jlpt_level, kind) do update set
    {", ".join(f"{name} = card_statistics.{name} + excluded.{name}" for name in _TOTALS)}
""").bindparams(VIEWER_ID),  # noqa: S608  # constants are put in, never a value
    Row,
)
