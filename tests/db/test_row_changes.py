"""Triggers record changed and deleted rows of all tables whose objects clients can copy."""

from typing import Any

import asyncpg
import pytest

from db.core.database import owner_connection
from db.maintenance.retention import purge_expired

# Tables of `ChangeType`.
TABLES = ("cards", "reviews", "reading_progress", "user_settings")
TRIGGERS = """
    select tgname || ' ' || relname from pg_trigger join pg_class on pg_class.oid = tgrelid
    where relnamespace = 'public'::regnamespace and not relispartition and not tgisinternal
"""
CARD = """
    insert into cards (id, user_id, vocabulary_id, state, due_at, interval_days, ease_factor, repetitions, lapses)
        select gen_random_uuid(), $1, id, 'NEW', now(), 0, 2.5, 0, 0 from vocabulary order by id limit 1 returning id
"""
USER = """
    insert into users (id, subject, email, display_name, role)
        values (gen_random_uuid(), gen_random_uuid(), '', 'Learner', 'learner') returning id
"""


async def test_every_copied_table_has_its_triggers(owner: "asyncpg.Connection") -> None:
    """A table with soft deletes has another one, which records them (see its migration)."""
    triggers = {row[0] for row in await owner.fetch(TRIGGERS)}
    expected = {f"{name} {table}" for name in ("stamp_change", "stamp_copy") for table in TABLES}
    expected |= {f"record_deletions {table}" for table in TABLES if table != "user_settings"}
    soft = await owner.fetch(
        "select table_name from information_schema.columns where table_name = any($1) and column_name = 'deleted_at'",
        TABLES,
    )
    expected |= {f"record_soft_deletion {row[0]}" for row in soft}
    assert expected - triggers == set()


@pytest.mark.parametrize("table", TABLES)
async def test_update_stamps_the_row(owner: "asyncpg.Connection", table: str) -> None:
    """Whatever it sets."""
    async with _rolled_back(owner):
        stamps = await owner.fetch(f"update {table} set changed_in = '1', user_id = user_id returning changed_in")
        current = await owner.fetchval("select pg_current_xact_id()")
    assert {row[0] for row in stamps} == {current}


async def test_soft_deletion_is_recorded_once(owner: "asyncpg.Connection") -> None:
    """A restored row is a change; the deletion before it stays."""
    async with _rolled_back(owner):
        if not await owner.fetchval(f"select 'record_soft_deletion cards' in ({TRIGGERS})"):
            await owner.execute(
                "alter table cards add column if not exists deleted_at timestamptz;"
                "create trigger record_soft_deletion after update on cards for each row"
                " when (old.deleted_at is null and new.deleted_at is not null)"
                " execute function record_soft_deletion('CARD')"
            )
        user = await owner.fetchval(USER)
        card = await owner.fetchval(CARD, user)
        for value in ("now()", "now()", "null", "now()"):
            await owner.execute(f"update cards set deleted_at = {value} where id = $1", card)
        assert await _tombstones(owner, user) == [("CARD", card)]


async def test_deleted_user_leaves_no_tombstones(owner: "asyncpg.Connection") -> None:
    """Deletions cascade to cards and tombstones."""
    async with _rolled_back(owner):
        user = await owner.fetchval(USER)
        await owner.execute("delete from cards where id = $1", await owner.fetchval(CARD, user))
        assert len(await _tombstones(owner, user)) == 1
        await owner.fetchval(CARD, user)
        await owner.execute("delete from users where id = $1", user)
        assert await _tombstones(owner, user) == []


async def test_tombstones_are_purged_after_90_days(writable_database_url: str) -> None:
    async with owner_connection(writable_database_url) as owner:
        user = await owner.fetchval(USER)
        for days in (89, 91):
            await owner.execute("delete from cards where id = $1", await owner.fetchval(CARD, user))
            await owner.execute(
                "update tombstones set deleted_at = now() - make_interval(days => $1)"
                " where deleted_at > now() - interval '1 day'",
                days,
            )
        await purge_expired(owner)
        kept = "select extract(day from now() - deleted_at)::int from tombstones where user_id = $1"
        assert [row[0] for row in await owner.fetch(kept, user)] == [89]


async def test_identity_differs_between_databases(owner: "asyncpg.Connection", servers: tuple[str, str]) -> None:
    """Of one cluster, although clones have equal tables."""
    identity = "select database_identity()"
    [one, again] = [await owner.fetchval(identity) for _ in range(2)]
    assert one == again
    async with _rolled_back(owner):
        # As a dump that is restored does.
        definition = await owner.fetchval("select pg_get_functiondef('database_identity'::regproc)")
        await owner.execute("drop function database_identity; alter table tombstones rename to earlier")
        await owner.execute("create table tombstones (like earlier)")
        await owner.execute(definition)
        assert await owner.fetchval(identity) != one


async def _tombstones(owner: "asyncpg.Connection", user: Any) -> list[tuple[str, Any]]:
    rows = await owner.fetch("select type, object_id from tombstones where user_id = $1", user)
    return [tuple(row) for row in rows]


class _rolled_back:
    """A transaction whose changes other tests do not see."""

    def __init__(self, connection: "asyncpg.Connection") -> None:
        self._transaction = connection.transaction()

    async def __aenter__(self) -> None:
        await self._transaction.start()

    async def __aexit__(self, *_: object) -> None:
        await self._transaction.rollback()
