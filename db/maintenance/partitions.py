"""Creates the monthly partitions ahead of time."""

import asyncpg

PARTITIONED = ("reviews", "audit_log")
MONTHS_AHEAD = 3


async def create_partitions(connection: asyncpg.Connection) -> None:
    """Create missing partitions of this month and the following ones. Runs as the owner of the tables."""
    for table in PARTITIONED:
        await connection.execute(
            "select create_month_partitions($1, current_date, (current_date + make_interval(months => $2))::date)",
            table,
            MONTHS_AHEAD,
        )
