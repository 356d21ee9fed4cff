"""SQL that counts cards by the days on which they were created and first reviewed, for statistics.

The worker counts the cards of each day and month in `card_statistics`, and stores in `counted_cards` as what it
counted each card. Of cards that changed since, a query subtracts that and adds what they are now: its cost depends on
the number of changes, and its result does not depend on when the worker counted.
"""

from db.queries.review_cells import maturity
from db.queries.statistics_filters import HAS_TAG, IS_CHOSEN, IS_CHOSEN_CARD

# Totals of cards can be used if they are of this database, not of one from which it was restored, and of the learner's
# present days. Of `card_counts` and `user_settings`.
IS_CURRENT = """(
    card_counts.database = database_identity() and card_counts.time_zone = user_settings.time_zone
    and card_counts.day_starts_at_hour = user_settings.day_starts_at_hour
)"""


def changed_cards(counted_in: str) -> str:
    """Return SQL of the ids of cards that changed or were deleted since a transaction, given as SQL.

    Rows without a transaction did not change since the column exists. Parameter: viewer_id.
    """
    return f"""
        select id from cards where user_id = :viewer_id and changed_in >= {counted_in}
        union
        select object_id from tombstones
        where user_id = :viewer_id and type = 'CARD' and changed_in >= {counted_in}
    """  # noqa: S608  # constants are put in, never a value


def _own_cards(source: str) -> str:
    """Return the common table expression `present (added_on, started_on, maturity, number)` of some cards.

    Time zones are converted once for all cards of a quarter of an hour: no day starts within one.
    """
    return f"""
    quarters as (
        select date_bin('15 minutes', created_at, (select day_ends_at from learner)) as added_at,
            date_bin('15 minutes', first_reviewed_at, (select day_ends_at from learner)) as started_at,
            {maturity("interval_days")} as maturity, count(*)::int as number
        from ({source}) as found group by 1, 2, 3
    ),
    present as (
        select ((added_at at time zone time_zone) - turn)::date as added_on,
            ((started_at at time zone time_zone) - turn)::date as started_on, maturity, number
        from quarters cross join learner
    )
    """  # noqa: S608  # as above


def _card_totals(counted_days: str, counted_maturities: str) -> str:
    """Return the common table expressions of the totals, from `own_cards` and what was counted, given as SQL."""
    return f"""
    card_days as (
        select added_on as day, number as added, 0 as started from own_cards
        union all
        select started_on, 0, number from own_cards where started_on is not null
        {counted_days}
    ),
    present_cards as (
        select coalesce(sum(number) filter (where maturity = 0), 0) as new,
            coalesce(sum(number) filter (where maturity = 1), 0) as learning,
            coalesce(sum(number) filter (where maturity = 2), 0) as young,
            coalesce(sum(number) filter (where maturity = 3), 0) as mature
        from (select maturity, number from own_cards {counted_maturities}) as every
    )
    """  # noqa: S608  # as above


_CARD = "select created_at, first_reviewed_at, interval_days from"
_IS_OWN = f"user_id = :viewer_id and deleted_at is null and {IS_CHOSEN_CARD}"
_COUNTED_IN = "(select counted_in from card_count)"
_IS_COUNTED = "exists (select from card_count)"

# `offset 0`: the planner would read all days of the learner, because it expects many spans.
#
# The common table expressions `card_days (day, added, started)` and `present_cards (new, learning, young, mature)`. A
# day may have several rows; those of a month that matters only as a whole are one, of its first day.
#
# They require `learner`. Parameters: viewer_id, from_day, to_day, unit, levels, kinds.
CARD_DAYS = f"""
    card_count as materialized (
        select counted_in from card_counts join user_settings using (user_id)
        where user_id = :viewer_id and {IS_CURRENT}
    ),
    changed_cards as materialized ({changed_cards(_COUNTED_IN)}),
    {
    _own_cards(
        f'''{_CARD} changed_cards join cards using (id) where {_IS_OWN}
            union all {_CARD} cards where {_IS_OWN} and not {_IS_COUNTED}'''
    )
},
    own_cards as materialized (
        select added_on, started_on, maturity, number from present
        union all
        select added_on, started_on, maturity, -1
        from changed_cards join counted_cards on card_id = changed_cards.id
        where user_id = :viewer_id and {IS_CHOSEN}
    ),
    card_months as materialized (
        select month::date as month, next_month,
            next_month <= :from_day
                or (:unit = 'MONTH' and month >= :from_day and next_month <= :to_day + 1) as is_whole
        from generate_series(
            (select min(starts_on) from card_statistics where user_id = :viewer_id and unit = 'MONTH')::timestamp,
            cast(:to_day as timestamp), '1 month'
        ) as month cross join lateral (select (month + interval '1 month')::date as next_month) as next_months
        where {_IS_COUNTED}
    ),
    card_spans as materialized (
        select 'MONTH' as unit, month as starts_on from card_months where is_whole
        union all
        select 'DAY', month + number
        from card_months cross join lateral generate_series(0, least(next_month - 1, :to_day) - month) as number
        where not is_whole
    ),
    {
    _card_totals(
        f'''union all
        select starts_on, added, started
        from card_spans cross join lateral (
            select added, started from card_statistics
            where user_id = :viewer_id and unit = card_spans.unit and starts_on = card_spans.starts_on and {IS_CHOSEN}
            offset 0
        ) as counted''',
        f'''union all
            select counts.maturity, counts.number
            from (
                select sum(added) as added, sum(learning) as learning, sum(young) as young, sum(mature) as mature
                from card_statistics
                where user_id = :viewer_id and unit = 'MONTH' and {IS_CHOSEN} and {_IS_COUNTED}
            ) as sums cross join lateral (
                values (0, added - learning - young - mature), (1, learning), (2, young), (3, mature)
            ) as counts (maturity, number)''',
    )
}
"""  # noqa: S608  # as above

# The same of cards with one of the parameter `tags`, which are all read.
CARD_DAYS_OF_TAGS = f"""
    {_own_cards(f"{_CARD} cards where {_IS_OWN} and {HAS_TAG}")},
    own_cards as materialized (select added_on, started_on, maturity, number from present),
    {_card_totals("", "")}
"""  # noqa: S608  # as above
