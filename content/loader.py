"""Stable ids and bulk upserts for the parts of the content."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from domain.ids import uuid7_at

# The date on which the ids of the content are based; ids are the same on every machine.
EPOCH_MS = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the content, which is loaded again when its fingerprint changes. `tables`: those it writes."""

    name: str
    fingerprint: Callable[[], str]
    load: Callable[[asyncpg.Connection], Awaitable[None]]
    tables: tuple[str, ...]


def content_id(kind: str, key: str, position: int) -> UUID:
    """Return the id of an item. Ids sort by position, the first one newest."""
    digest = hashlib.sha256(f"{kind}:{key}".encode()).digest()
    return uuid7_at(EPOCH_MS - position, int.from_bytes(digest[:10]) & (1 << 74) - 1)


async def save_version(connection: asyncpg.Connection, name: str, fingerprint: str) -> None:
    """Record that what has this name is loaded, with its fingerprint."""
    await connection.execute(
        "insert into content_versions (name, fingerprint) values ($1, $2)"
        " on conflict (name) do update set fingerprint = excluded.fingerprint, loaded_at = now()",
        name,
        fingerprint,
    )


_LOADABLE = """
    select wanted.id from unnest($1::uuid[]) as wanted(id)
    where not exists (select from {table} where {table}.id = wanted.id)
        and not exists (select from content_items where content_items.id = wanted.id)
    union all
    select id from {table} where id = any($1) and version = 1 and deleted_at is null and {is_public}
"""


async def claim(connection: asyncpg.Connection, table: str, ids: Sequence[UUID], is_public: str) -> set[UUID]:
    """Return the ids of books or textbooks that may be written: new ones, and those that no editor has changed,
    unpublished or deleted. All ids are recorded, so that a purged item is not loaded again.

    `is_public`: the SQL condition for published rows of the table.
    """
    rows = await connection.fetch(_LOADABLE.format(table=table, is_public=is_public), ids)
    await connection.execute("insert into content_items select unnest($1::uuid[]) on conflict do nothing", ids)
    return {row["id"] for row in rows}


async def upsert(
    connection: asyncpg.Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: Sequence[str],
    casts: dict[str, str] | None = None,
    only_new: bool = False,
) -> None:
    """Upsert rows: COPY them into a temporary table and insert from there. Existing rows keep their ids.

    `key`: the columns of the unique constraint that identifies rows. `casts`: types that COPY cannot send, such as
    tsvector, by column; they are sent as text. `only_new`: do not update existing rows.
    """
    casts = casts or {}
    staged = f"staged_{table}"
    names = ", ".join(columns)
    await connection.execute(f"create temporary table {staged} as select {names} from {table} limit 0")
    for column in casts:
        await connection.execute(f"alter table {staged} alter column {column} type text")
    await connection.copy_records_to_table(staged, columns=list(columns), records=rows)
    chosen = ", ".join(f"{column}::{casts[column]}" if column in casts else column for column in columns)
    updated = [column for column in columns if column not in (*key, "id")]
    action = "nothing"
    if updated and not only_new:
        # Citus permits no `now()` in the update of a table that it distributes.
        names, chosen = f"{names}, updated_at", f"{chosen}, now()"
        assignments = ", ".join(f"{column} = excluded.{column}" for column in (*updated, "updated_at"))
        before, after = (", ".join(f"{row}.{column}" for column in updated) for row in (table, "excluded"))
        # Unchanged rows are skipped: updating their index entries costs more than the comparison.
        action = f"update set {assignments} where ({before}) is distinct from ({after})"
    await connection.execute(
        f"insert into {table} ({names}) select {chosen} from {staged} on conflict ({', '.join(key)}) do {action}"
    )
    await connection.execute(f"drop table {staged}")
