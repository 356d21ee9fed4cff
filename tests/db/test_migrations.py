"""Migrations run up and down, twice at once, and end where the tables are."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db import migrations
from db.migrations import downgrade, upgrade
from db.migrations.url import async_url
from db.tables import metadata
from tests.databases import column
from tests.processes import shinjp

MIGRATIONS = ScriptDirectory(str(Path(migrations.__file__).parent))
EmptyDatabase = Callable[[], Awaitable[str]]

# What the application's tables consist of. Partitions and what migrations add beside tables are left out.
CATALOGUE = """
    select table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
        || coalesce(column_default, '') || is_identity
    from information_schema.columns join pg_class on relname = table_name and relnamespace = 'public'::regnamespace
    where table_schema = 'public' and relkind in ('r', 'p') and not relispartition
        and table_name not in ('alembic_version')
    union all
    select conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(pg_constraint.oid)
    from pg_constraint join pg_class on pg_class.oid = conrelid
    where connamespace = 'public'::regnamespace and not relispartition and contype <> 'n'
        and relname <> 'alembic_version'
    union all
    select indexdef from pg_indexes join pg_class on relname = indexname and relnamespace = 'public'::regnamespace
    where schemaname = 'public' and not relispartition and tablename <> 'alembic_version'
    order by 1
"""


async def test_migrations_run_up_down_and_up_again(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    await asyncio.to_thread(upgrade, url)
    first = await column(url, CATALOGUE)
    await asyncio.to_thread(downgrade, url, "base")
    assert await column(url, CATALOGUE) == []
    assert await column(url, "select proname from pg_proc where pronamespace = 'public'::regnamespace") == []
    await asyncio.to_thread(upgrade, url)
    assert await column(url, CATALOGUE) == first


async def test_migrations_end_where_the_tables_are(empty_database: EmptyDatabase) -> None:
    migrated, created = await empty_database(), await empty_database()
    await asyncio.to_thread(upgrade, migrated)
    engine = create_async_engine(async_url(created), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("create extension pg_trgm")
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert await column(migrated, CATALOGUE) == await column(created, CATALOGUE)


async def test_two_migrations_started_at_once_do_not_collide(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    ended = await asyncio.gather(*(shinjp("migrate", DATABASE_URL=url) for _ in range(3)))
    assert [status for status, _, _ in ended] == [0, 0, 0]
    assert await column(url, "select version_num from alembic_version") == [MIGRATIONS.get_current_head()]
