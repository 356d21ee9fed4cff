"""Adds counts of usage of this process to those of others."""

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import islice

from db.core.database import Database
from domain.usage import (
    MAX_CLIENTS,
    MAX_CLIENTS_OF_ANONYMOUS,
    MAX_REGULAR_CLIENTS,
    OTHERS,
    REGULAR_CLIENT_DAYS,
    UNKNOWN,
    ClientName,
    UsageKey,
    UsageKind,
)
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
    ), regular as (
        select client, version from unnest($8::text[], $9::text[]) as regular (client, version)
    ), new_today as (
        select count(*) as count from (select * from known except select * from regular) as new
    ), introduced as (
        -- Those of viewers come first, because anonymous clients have fewer places.
        select client, version, by_viewer, row_number() over (order by by_viewer desc, client, version) as position
        from (
            select client, version, (client, version) in (select * from unnest($10::text[], $11::text[])) as by_viewer
            from (
                select client, version from given
                except select client, version from known
                except select client, version from regular
            ) as unknown
        ) as ordered
    ), admitted as (
        select client, version from known
        union select client, version from regular
        union values ('{UNKNOWN.name}', ''), ('{OTHERS.name}', '')
        union select app, version from app_versions
        union select client, version from introduced, new_today
        where new_today.count + introduced.position <= case when introduced.by_viewer then $7::int else $12::int end
    )
    insert into usage_counts (kind, name, day, client, version, count, last_used_at)
    select kind, name, day, coalesce(admitted.client, '{OTHERS.name}'), coalesce(admitted.version, ''), sum(count), $6
    from given cross join today left join admitted using (client, version)
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (kind, name, day, client, version) do update
        set count = usage_counts.count + excluded.count,
            last_used_at = greatest(usage_counts.last_used_at, excluded.last_used_at)
"""  # noqa: S608  # constants are put in, never a value
# Registered versions of apps are counted by name anyway.
_REGULAR = f"""
    select client, version from usage_counts
    where kind = '{UsageKind.REQUEST}' and name = ''
        and day >= ($1::timestamptz at time zone 'UTC')::date - $2::int and day < ($1 at time zone 'UTC')::date
        and (client, version) not in (('{UNKNOWN.name}', ''), ('{OTHERS.name}', ''))
        and not exists (select from app_versions where app = client and app_versions.version = usage_counts.version)
    group by client, version order by count(*) desc, sum(count) desc, client, version limit $3
"""  # noqa: S608  # constants are put in, never a value


async def read_regular_clients(database: Database, at: datetime) -> frozenset[ClientName]:
    """Return the clients that were counted by name on most of the days before that of `at`.

    Raises ServiceUnavailable if the database is down.
    """
    async with database.transaction_of(ADMINISTRATOR) as connection:
        rows = await connection.fetch(_REGULAR, at, REGULAR_CLIENT_DAYS, MAX_REGULAR_CLIENTS)
    return frozenset(ClientName(client, version) for client, version in rows)


async def add_usage(
    database: Database,
    counts: dict[UsageKey, int],
    at: datetime,
    regular: Collection[ClientName] = (),
    of_viewers: Collection[ClientName] = (),
) -> None:
    """Add the counts to the day of `at`, and remove from `counts` what is written. A statement for 5,000 counts.

    Requests are written first: their clients are those of the day. `regular`: clients that are always counted by name.
    `of_viewers`: those that a viewer has used. Raises ServiceUnavailable if the database is down.
    """
    used = {key.client for key in counts}
    names = [
        [getattr(one, part) for one in clients]
        for clients in (regular, used.intersection(of_viewers))
        for part in ("name", "version")
    ]
    while counts:
        batch = dict(islice(counts.items(), _BATCH))
        arguments = _columns(batch)
        async with database.transaction_of(ADMINISTRATOR) as connection:
            await connection.execute(_ADD, *arguments, at, MAX_CLIENTS, *names, MAX_CLIENTS_OF_ANONYMOUS)
        for key in batch:
            del counts[key]


def _columns(counts: Mapping[UsageKey, int]) -> list[list[object]]:
    rows = [(key.kind.value, key.name, *key.client, count) for key, count in counts.items()]
    return [list(column) for column in zip(*rows, strict=True)]
