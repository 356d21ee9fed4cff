"""Counts the usage of trusted documents by client."""

from collections.abc import Mapping
from datetime import datetime

from db.core.database import Database

# Sorted, so that concurrent writers lock rows in the same order.
_ADD = """
    insert into document_usage (day, document_id, client, count, last_used_at)
    select ($4::timestamptz at time zone 'UTC')::date, document_id, client, count, $4
    from unnest($1::text[], $2::text[], $3::bigint[]) as used (document_id, client, count)
    order by document_id, client
    on conflict (day, document_id, client) do update
        set count = document_usage.count + excluded.count,
            last_used_at = greatest(document_usage.last_used_at, excluded.last_used_at)
"""


async def add_document_usage(database: Database, counts: Mapping[tuple[str, str], int], at: datetime) -> None:
    """Add counts by (document, client) to the day of `at`. One statement.

    Raises ServiceUnavailable if the database is down.
    """
    ids, clients = zip(*counts, strict=True)
    async with database.connection() as connection:
        await connection.execute(_ADD, ids, clients, list(counts.values()), at)
