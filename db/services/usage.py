"""Adds counts of usage of this process to those of others."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from db.core.database import Database
from domain.usage import MAX_CLIENTS, OTHERS, UNKNOWN, UsageKey, UsageKind
from domain.viewer import ADMINISTRATOR

_BATCH = 5_000
# Sorted, so that concurrent writers lock rows in the same order. Processes that introduce clients at the same time may
# exceed the limit of a day, each once.
_ADD = f"""
    with given as (
        select kind, name, client, version, count
        from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[])
            as given (kind, name, client, version, count)
    ), today as (
        select ($6::timestamptz at time zone 'UTC')::date as day
    ), known as (
        select client, version from usage_counts, today
        where kind = '{UsageKind.REQUEST}' and name = '' and usage_counts.day = today.day
    ), admitted as (
        select client, version from known
        union values ('{UNKNOWN.name}', ''), ('{OTHERS.name}', '')
        union select app, version from app_versions
        union (
            select client, version
            from (select client, version from given except select client, version from known) as unknown
            order by client, version limit greatest(0, $7 - (select count(*) from known))
        )
    )
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    select kind, name, day, coalesce(admitted.client, '{OTHERS.name}'), coalesce(admitted.version, ''), sum(count), $6
    from given cross join today left join admitted using (client, version)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (kind, name, day, client, version) do update
        set count = usage_counts.count + excluded.count,
            last_used_at = greatest(usage_counts.last_used_at, excluded.last_used_at)
"""  # noqa: S608  # constants are put in, never a value


async def add_usage(database: Database, counts: dict[UsageKey, int], at: datetime) -> None:
    """Add the counts to the day of `at`, and remove from `counts` what is written. A statement for 5,000 counts.

    Requests are written first: their clients are those of the day. Raises ServiceUnavailable if the database is down.
    """
    while counts:
        batch = dict(islice(counts.items(), _BATCH))
        arguments = _columns(batch)
        async with database.transaction_of(ADMINISTRATOR) as connection:
            await connection.execute(_ADD, *arguments, at, MAX_CLIENTS)
        for key in batch:
            del counts[key]


def _columns(counts: Mapping[UsageKey, int]) -> list[list[object]]:
    rows = [(key.kind.value, key.name, *key.client, count) for key, count in counts.items()]
    return [list(column) for column in zip(*rows, strict=True)]
