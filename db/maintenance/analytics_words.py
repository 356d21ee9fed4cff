"""Counts reviews and lapses of words for analytics, in the transaction of the caller. Runs as the owner of the tables.

Only days whose reviews changed are counted again, from the partitions of their months, so that the time does not depend
on the number of older reviews.
"""

from collections.abc import Sequence
from datetime import date, timedelta

import asyncpg

from domain.analytics import first_day_of_words, first_month_of_words

# A learner's day begins and ends within two days of the same day in UTC.
_ZONE = timedelta(days=2)

_COUNTED = """
    select {period}, vocabulary_id, count(*), count(*) filter (where quality < 3)
    from reviews join cards on cards.user_id = reviews.user_id and cards.id = card_id
    where {days} and reviewed_at >= $2::date and reviewed_at < $3::date
        and not undone and rescheduled and vocabulary_id is not null
    group by 1, 2
"""
_DELETE_DAYS = "delete from analytics_word_days where day = any($1)"
_COUNT_DAYS = "insert into analytics_word_days " + _COUNTED.format(period="day", days="day = any($1)")
_DELETE_MONTHS = "delete from analytics_word_months where month = any($1)"
_ADD_DAYS = """
    insert into analytics_word_months
    select month, vocabulary_id, sum(reviews), sum(lapses)
    from unnest($1::date[]) as month join analytics_word_days
        on day >= month and day < month + interval '1 month'
    group by 1, 2
"""
# Of a month without days.
_COUNT_MONTH = "insert into analytics_word_months " + _COUNTED.format(
    period="$1::date", days="day >= $1 and day < $1 + interval '1 month'"
)
_PURGE = ("delete from analytics_word_days where day < $1", "delete from analytics_word_months where month < $1")


async def count_words(connection: asyncpg.Connection, days: Sequence[date]) -> None:
    """Count the days, in order, and their months."""
    today: date = await connection.fetchval("select current_date")
    first_day = first_day_of_words(today)
    months = sorted({day.replace(day=1) for day in days if day >= first_month_of_words(today)})
    kept = [day for day in days if day >= first_day]
    if kept:
        await connection.execute(_DELETE_DAYS, kept)
        await connection.execute(_COUNT_DAYS, kept, kept[0] - _ZONE, kept[-1] + _ZONE)
    await connection.execute(_DELETE_MONTHS, months)
    await connection.execute(_ADD_DAYS, [month for month in months if month >= first_day])
    for month in months:
        if month < first_day:
            following = (month + timedelta(days=31)).replace(day=1)
            await connection.execute(_COUNT_MONTH, month, month - _ZONE, following + _ZONE)


async def purge_words(connection: asyncpg.Connection) -> None:
    """Delete the days and months that are no longer kept."""
    today: date = await connection.fetchval("select current_date")
    for statement, first in zip(_PURGE, (first_day_of_words(today), first_month_of_words(today)), strict=True):
        await connection.execute(statement, first)
