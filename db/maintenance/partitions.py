"""Tables that are partitioned by month."""

import asyncpg

PARTITIONED = ("reviews", "audit_log")
MONTHS_AHEAD = 3


async def create_partitions(connection: asyncpg.Connection) -> None:
    """Makes those of this month and of the next ones where they are missing, as the owner of the tables."""
    for table in PARTITIONED:
        await connection.execute(
            "select create_month_partitions($1, current_date, (current_date + make_interval(months => $2))::date)",
            table,
            MONTHS_AHEAD,
        )
