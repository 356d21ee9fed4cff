"""Counts the reviews of days that changed, for statistics. Runs as the owner of the tables."""

from datetime import timedelta
from uuid import UUID

import asyncpg

from db.commands import review_statistics as commands
from db.core.statement import Command, Row

# Of one run; the next run takes the others. Statistics are computed from the log until then.
_MAX_DAYS = 20_000
# Days of a learner that are counted together. A day takes about 10 ms per 1,000 reviews.
_BATCH_SIZE = 1_000
# A transaction may be committed this long after it started, when later ones were counted.
_LONGEST_TRANSACTION = timedelta(hours=1)
_LEARNERS = """
    select user_id from user_settings as settings where exists (
        select from review_days left join statistics_days using (user_id, day)
        where review_days.user_id = settings.user_id and counted_at is distinct from updated_at
            and updated_at > coalesce(
                (select max(counted_at) from statistics_days where statistics_days.user_id = settings.user_id),
                '-infinity'
            ) - $1::interval
    ) limit $2
"""


async def count_reviews(connection: asyncpg.Connection) -> None:
    """Count days that changed since they were counted, up to the maximum of a run."""
    await _count_some(connection)


async def count_all_reviews(connection: asyncpg.Connection, *, again: bool = False) -> int:
    """Count all changed days and return their number. `again`: also those that did not change."""
    if again:
        await connection.execute("delete from statistics_days")
    counted = 0
    while True:
        async with connection.transaction():
            days = await _count_some(connection)
        if not days:
            return counted
        counted += days


async def _count_some(connection: asyncpg.Connection) -> int:
    counted = 0
    for learner in await connection.fetch(_LEARNERS, _LONGEST_TRANSACTION, _MAX_DAYS):
        counted += await _count_of(connection, learner["user_id"], _MAX_DAYS - counted)
        if counted >= _MAX_DAYS:
            break
    return counted


async def _count_of(connection: asyncpg.Connection, user_id: UUID, limit: int) -> int:
    """Count the changed days of a learner, up to `limit`, and return their number. Constant statements per 1,000."""
    counted = 0
    while counted < limit:
        size = min(_BATCH_SIZE, limit - counted)
        rows = await _run(connection, commands.uncounted_days, viewer_id=user_id, limit=size)
        days = [row["day"] for row in rows]
        for command in (commands.delete_days, commands.count_days, commands.delete_months, commands.count_months):
            await _run(connection, command, viewer_id=user_id, days=days)
        counted_at = [row["updated_at"] for row in rows]
        await _run(connection, commands.mark_counted, viewer_id=user_id, days=days, counted_at=counted_at)
        counted += len(days)
        if len(days) < size:
            await _run(connection, commands.balance_card_counts, viewer_id=user_id)
            break
    return counted


async def _run(connection: asyncpg.Connection, command: Command[Row], **values: object) -> list[asyncpg.Record]:
    return await connection.fetch(command.sql, *command.arguments(values))
