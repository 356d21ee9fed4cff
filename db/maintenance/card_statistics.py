"""Counts cards that changed, for statistics. Runs as the owner of the tables."""

from uuid import UUID

import asyncpg

from db.commands import card_statistics as commands
from db.core.statement import Command, Row
from db.queries.card_days import IS_CURRENT

# Learners of one run; the next run takes the others, of whom statistics read the changed cards until then.
_MAX_LEARNERS = 2_000
_LEARNERS = f"""
    select user_id from user_settings left join card_counts using (user_id)
    where case when {IS_CURRENT} then
        exists (select from cards where cards.user_id = user_settings.user_id and changed_in >= counted_in)
        or exists (
            select from tombstones
            where tombstones.user_id = user_settings.user_id and type = 'CARD' and changed_in >= counted_in
        )
    else exists (select from cards where cards.user_id = user_settings.user_id) end
"""  # noqa: S608  # a constant is put in, never a value


async def count_cards(connection: asyncpg.Connection) -> None:
    """Count the cards of learners that changed since they were counted, up to the maximum of a run."""
    for learner in await connection.fetch(f"{_LEARNERS} limit $1", _MAX_LEARNERS):
        await _count_of(connection, learner["user_id"])


async def count_all_cards(connection: asyncpg.Connection, *, again: bool = False) -> int:
    """Count the cards of all learners that changed, and return the number of learners. `again`: those of all."""
    if again:
        await connection.execute("delete from card_counts")
    learners = await connection.fetch(_LEARNERS)
    for learner in learners:
        async with connection.transaction():
            await _count_of(connection, learner["user_id"])
    return len(learners)


async def _count_of(connection: asyncpg.Connection, user_id: UUID) -> None:
    for row in await _run(connection, commands.start_count, user_id):
        if row["counts_all"]:
            await _run(connection, commands.clear_cards, user_id)
            await _run(connection, commands.clear_totals, user_id)
    await _run(connection, commands.count_cards, user_id)


async def _run(connection: asyncpg.Connection, command: Command[Row], user_id: UUID) -> list[asyncpg.Record]:
    return await connection.fetch(command.sql, *command.arguments({"viewer_id": user_id}))
