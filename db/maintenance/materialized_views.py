"""Refreshes the materialized views."""

import asyncpg

CONTENT_VIEW = "jlpt_content_stats"
VIEWS = (CONTENT_VIEW, "learner_statistics")


async def refresh_statistics(connection: asyncpg.Connection) -> None:
    """Refresh all views, as their owner. Readers see the previous state until a refresh is complete."""
    for view in VIEWS:
        await _refresh(connection, view)


async def refresh_content_statistics(connection: asyncpg.Connection) -> None:
    """Refresh the totals of content by level, which takes milliseconds."""
    await _refresh(connection, CONTENT_VIEW)


async def _refresh(connection: asyncpg.Connection, view: str) -> None:
    await connection.execute(f"refresh materialized view concurrently private.{view}")
    # A refresh fires no triggers.
    await connection.execute("select tell_change($1, 'refresh', '\"many\"')", view)
