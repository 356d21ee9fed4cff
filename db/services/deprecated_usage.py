"""Counts the usage of deprecated schema elements by client."""

from collections.abc import Mapping
from datetime import datetime

from db.core.database import Database

# Sorted, so that concurrent writers lock rows in the same order.
_ADD = """
    insert into deprecated_usage (day, coordinate, client, count, last_seen_at)
    select ($4::timestamptz at time zone 'UTC')::date, coordinate, client, count, $4
    from unnest($1::text[], $2::text[], $3::bigint[]) as used (coordinate, client, count)
    order by coordinate, client
    on conflict (day, coordinate, client) do update
        set count = deprecated_usage.count + excluded.count,
            last_seen_at = greatest(deprecated_usage.last_seen_at, excluded.last_seen_at)
"""


async def add_deprecated_usage(database: Database, counts: Mapping[tuple[str, str], int], at: datetime) -> None:
    """Add counts by (coordinate, client) to the day of `at`. One statement.

    Raises ServiceUnavailable if the database is down.
    """
    coordinates, clients = zip(*counts, strict=True)
    async with database.connection() as connection:
        await connection.execute(_ADD, coordinates, clients, list(counts.values()), at)
