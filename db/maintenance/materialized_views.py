"""What is counted ahead."""

import asyncpg

CONTENT_VIEW = "jlpt_content_stats"
VIEWS = (CONTENT_VIEW, "learner_statistics", "daily_activity", "vocabulary_difficulty")


async def refresh_statistics(connection: asyncpg.Connection) -> None:
    """Counts all of it anew, as the owner of the views. Readers see the old figures until the new ones are there."""
    for view in VIEWS:
        await _refresh(connection, view)


async def refresh_content_statistics(connection: asyncpg.Connection) -> None:
    """Counts anew how much there is for each level. It takes milliseconds."""
    await _refresh(connection, CONTENT_VIEW)


async def _refresh(connection: asyncpg.Connection, view: str) -> None:
    await connection.execute(f"refresh materialized view concurrently private.{view}")
    # A refresh calls no trigger.
    await connection.execute("select tell_change($1, 'refresh', '\"many\"')", view)
