"""Counts the totals of days for analytics. Runs as the owner of the tables.

A learner is counted by the gap between two days with reviews, see docs/decisions/0023-analytics-from-gaps.md. Only days
whose rows changed are counted again, so that erased accounts stay in the totals of the past.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import asyncpg

from db.maintenance.analytics_words import count_words, purge_words

# A day is counted again if its rows changed this long before it was counted: their transactions may have been open.
_LONGEST_TRANSACTION = timedelta(hours=1)
# Days that are looked at in each run; others once a day.
_RECENT = timedelta(days=8)
# Of a batch, which is a transaction: a day of 30,000 learners takes about 200 ms.
_BATCH_DAYS = 31
_FIRST_DAY = date(2000, 1, 1)

_CHANGED = """
    select review_days.day from review_days left join analytics_days using (day)
    where review_days.day >= $1 group by review_days.day, counted_at
    having counted_at is null or max(updated_at) > counted_at - $2::interval
    -- Their rows may have been removed.
    union select day from analytics_days where day between current_date - 1 and current_date + 1
    order by 1
"""
_ALL = """
    select day from review_days where day >= $1 union select day from analytics_days where day >= $1 order by 1
"""
# The next days of learners whose rows changed, for which these are the previous ones.
_FOLLOWING = """
    select distinct following.day from review_days left join analytics_days using (day)
    cross join lateral (
        select day from review_days as later
        where later.user_id = review_days.user_id and later.day > review_days.day
            and later.day <= review_days.day + 366 and later.reviews > 0
        order by day limit 1
    ) as following
    where review_days.day = any($1) and (counted_at is null or updated_at > counted_at - $2::interval)
        and following.day <> all($1)
"""
# The two tasks count the same days.
_LOCK = "select pg_advisory_xact_lock(hashtext('analytics'))"
_DELETE_GAPS = "delete from analytics_gaps where day = any($1)"
_COUNT_GAPS = """
    insert into analytics_gaps (day, previous_day, learners)
    select day, coalesce(previous_day, '-infinity'), count(*) from (
        select day, (
            select max(earlier.day) from review_days as earlier
            where earlier.user_id = review_days.user_id and earlier.day < review_days.day
                and earlier.day >= review_days.day - 366 and earlier.reviews > 0
        ) as previous_day
        from review_days where day = any($1) and reviews > 0
    ) as gaps group by 1, 2
"""
_COUNT_DAYS = """
    insert into analytics_days (
        day, active_learners, reviews, crammed, recalled, new_cards, duration_ms, counted_at
    )
    select days.day, count(*) filter (where reviews > 0), coalesce(sum(reviews), 0), coalesce(sum(crammed), 0),
        coalesce(sum(recalled), 0), coalesce(sum(new_cards), 0), coalesce(sum(duration_ms), 0), now()
    from unnest($1::date[]) as days (day) left join review_days using (day) group by 1
    on conflict (day) do update set active_learners = excluded.active_learners, reviews = excluded.reviews,
        crammed = excluded.crammed, recalled = excluded.recalled, new_cards = excluded.new_cards,
        duration_ms = excluded.duration_ms, counted_at = excluded.counted_at
"""
_COUNT_ROLLING = """
    update analytics_days set
        weekly_active_learners = (
            select coalesce(sum(learners), 0) from analytics_gaps as gaps
            where gaps.day between analytics_days.day - 6 and analytics_days.day
                and previous_day < analytics_days.day - 6
        ),
        monthly_active_learners = (
            select coalesce(sum(learners), 0) from analytics_gaps as gaps
            where gaps.day between analytics_days.day - 29 and analytics_days.day
                and previous_day < analytics_days.day - 29
        )
    where day between $1 and $2
"""
_OTHERS = ("new_learners", "books_started", "books_finished", "textbooks_generated", "chapters_read")
_RESET_OTHERS = f"update analytics_days set {', '.join(f'{name} = 0' for name in _OTHERS)} where day >= $1"  # noqa: S608
_COUNT_OTHERS = f"""
    insert into analytics_days (day, {", ".join(_OTHERS)})
    select (at at time zone 'UTC')::date, {", ".join(f"count(*) filter (where name = '{name}')" for name in _OTHERS)}
    from (
        select created_at as at, 'new_learners' as name from users
        union all select started_at, 'books_started' from reading_progress
        union all select finished_at, 'books_finished' from reading_progress where finished_at is not null
        union all select created_at, 'textbooks_generated' from textbooks
            where owner_id is not null and status = 'READY'
        union all select last_read_at, 'chapters_read' from chapter_progress where is_read
    ) as counted where at >= $1 group by 1
    on conflict (day) do update set {", ".join(f"{name} = excluded.{name}" for name in _OTHERS)}
"""  # noqa: S608  # constant names
_DELETE_COHORTS = "delete from analytics_cohorts where cohort + 7 * week >= $1"
_COUNT_COHORTS = """
    insert into analytics_cohorts (cohort, week, learners)
    select cohort, (date_trunc('week', day)::date - cohort) / 7, count(distinct user_id)
    from review_days join (
        select id as user_id, date_trunc('week', created_at at time zone 'UTC')::date as cohort from users
    ) as learners using (user_id)
    where day >= greatest($1, cohort) and day < cohort + 7 * 53 and reviews > 0
    group by 1, 2
"""


async def count_recent_days(connection: asyncpg.Connection) -> None:
    """Count the last days, in the transaction of the caller; of other tables than reviews, all days the first time."""
    today: date = await connection.fetchval("select current_date")
    is_first = not await connection.fetchval("select exists (select from analytics_days)")
    since = _FIRST_DAY if is_first else today - _RECENT
    await connection.execute(_LOCK)
    await connection.execute(_RESET_OTHERS, since)
    await connection.execute(_COUNT_OTHERS, since)
    days = await _changed_days(connection, today - _RECENT)
    if days:
        await _count_reviews(connection, days)
        await _count_cohorts(connection, days[0])
    await _tell(connection)


async def count_history(connection: asyncpg.Connection) -> None:
    """Count everything that was not counted, for databases that have just been loaded."""
    await count_recent_days(connection)
    await count_all_days(connection)


async def count_all_days(connection: asyncpg.Connection) -> None:
    """Count all days whose reviews changed, also long ago. Outside of a transaction: a month of days is one each."""
    days = await _changed_days(connection, _FIRST_DAY)
    for start in range(0, len(days), _BATCH_DAYS):
        async with connection.transaction():
            await connection.execute(_LOCK)
            await _count_reviews(connection, days[start : start + _BATCH_DAYS])
    async with connection.transaction():
        await connection.execute(_LOCK)
        await purge_words(connection)
        if days:
            await _count_cohorts(connection, days[0])
    if days:
        await _tell(connection)


async def _changed_days(connection: asyncpg.Connection, since: date) -> list[date]:
    """Return the days to count, in order."""
    changed = [row["day"] for row in await connection.fetch(_CHANGED, since, _LONGEST_TRANSACTION)]
    if len(changed) > _BATCH_DAYS:
        # Nearly every day follows one of these.
        return [row["day"] for row in await connection.fetch(_ALL, changed[0])]
    following = await connection.fetch(_FOLLOWING, changed, _LONGEST_TRANSACTION)
    return sorted({*changed, *(row["day"] for row in following)})


async def _count_reviews(connection: asyncpg.Connection, days: Sequence[date]) -> None:
    await connection.execute(_DELETE_GAPS, days)
    await connection.execute(_COUNT_GAPS, days)
    await connection.execute(_COUNT_DAYS, days)
    await connection.execute(_COUNT_ROLLING, days[0], days[-1] + timedelta(days=29))
    await count_words(connection, days)


async def _count_cohorts(connection: asyncpg.Connection, since: date) -> None:
    """Count the weeks from that of the day."""
    monday = since - timedelta(days=since.weekday())
    await connection.execute(_DELETE_COHORTS, monday)
    await connection.execute(_COUNT_COHORTS, monday)


async def _tell(connection: asyncpg.Connection) -> None:
    await connection.execute("select tell_change('analytics_days', 'refresh', to_json('many'::text))")
