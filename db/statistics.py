"""What is counted ahead."""

import asyncpg

VIEWS = ("jlpt_content_stats", "learner_statistics", "daily_activity", "vocabulary_difficulty")


async def refresh_statistics(connection: asyncpg.Connection) -> None:
    """Counts all of it anew, as the owner of the views. Readers see the old figures until the new ones are there."""
    for view in VIEWS:
        await connection.execute(f"refresh materialized view concurrently private.{view}")
