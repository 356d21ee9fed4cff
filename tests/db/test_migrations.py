"""Migrations run up, down and concurrently, and match the tables."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from db import migrations
from db.core import schema_version
from db.migrations import MigrationFailed, downgrade, migrate_to, upgrade
from db.migrations.url import async_url
from db.tables import metadata
from server.cli.migrate import migrate
from tests.databases import column, execute
from tests.processes import shinjp

MIGRATIONS = ScriptDirectory(str(Path(migrations.__file__).parent))
EmptyDatabase = Callable[[], Awaitable[str]]

# The definitions of the application's tables, without partitions and other objects that migrations create.
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

# Data that no downgrade may lose.
DATA = " union all ".join(
    f"select count(*) from {table}"
    for table in (
        *("books", "cards", "chapters", "kanji", "reviews", "textbooks", "users"),
        # Before 0018, every word had a level.
        "vocabulary where jlpt_level is not null",
    )
)


async def test_migrations_run_up_down_and_up_again(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    await asyncio.to_thread(upgrade, url)
    first = await column(url, CATALOGUE)
    await asyncio.to_thread(downgrade, url, "base")
    assert await column(url, CATALOGUE) == []
    assert await column(url, "select proname from pg_proc where pronamespace = 'public'::regnamespace") == []
    await asyncio.to_thread(upgrade, url)
    assert await column(url, CATALOGUE) == first


async def test_migrations_match_the_tables(empty_database: EmptyDatabase) -> None:
    migrated, created = await empty_database(), await empty_database()
    await asyncio.to_thread(upgrade, migrated)
    engine = create_async_engine(async_url(created), poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.exec_driver_sql("create extension pg_trgm")
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    assert await column(migrated, CATALOGUE) == await column(created, CATALOGUE)


async def test_concurrent_migrations_wait_for_each_other(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    ended = await asyncio.gather(*(shinjp("migrate", DATABASE_URL=url) for _ in range(3)))
    assert [status for status, _, _ in ended] == [0, 0, 0]
    assert await column(url, "select version_num from alembic_version") == [MIGRATIONS.get_current_head()]


# Older tables cannot have these.
RECENT_CARDS = "delete from cards where vocabulary_id is null or kind <> 'RECOGNITION'"


async def test_each_migration_is_reverted_and_applied_over_data(writable_database_url: str) -> None:
    """Learners, their reviews and all table definitions are preserved."""
    await execute(writable_database_url, RECENT_CARDS)
    catalogue, counts = await column(writable_database_url, CATALOGUE), await column(writable_database_url, DATA)
    assert min(counts) > 0
    newest, *_, first = (script.revision for script in MIGRATIONS.walk_revisions())
    for revision in (first, newest):
        await asyncio.to_thread(migrate_to, writable_database_url, revision)
        assert await column(writable_database_url, "select version_num from alembic_version") == [revision]
    assert await column(writable_database_url, CATALOGUE) == catalogue
    assert await column(writable_database_url, DATA) == counts


async def test_migrate_goes_to_the_given_migration(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    for revision, version in (("0005", ["0005"]), ("0002", ["0002"])):
        assert await shinjp("migrate", "--to", revision, DATABASE_URL=url) == (0, "", "")
        assert await column(url, "select version_num from alembic_version") == version
    for revision, version in (("head", [schema_version.HEAD]), ("base", []), ("base", [])):
        await asyncio.to_thread(migrate_to, url, revision)
        assert await column(url, "select version_num from alembic_version") == version
    with pytest.raises(MigrationFailed, match=f"Unknown migration '16'; the newest is {schema_version.HEAD}"):
        await asyncio.to_thread(migrate_to, url, "16")


def test_migrate_loads_no_content_into_older_tables() -> None:
    ended = CliRunner().invoke(migrate, ["--to", "0003", "--content"])
    assert ended.exit_code == 2
    assert "--content requires the newest revision" in ended.output


async def test_newer_database_is_not_changed(empty_database: EmptyDatabase) -> None:
    url = await empty_database()
    await asyncio.to_thread(upgrade, url)
    await execute(url, "update alembic_version set version_num = '9999'")
    with pytest.raises(MigrationFailed, match=f"its newest is {schema_version.HEAD}"):
        await asyncio.to_thread(migrate_to, url, "0003")
    status, _, errors = await shinjp("migrate", DATABASE_URL=url)
    assert status == 1
    assert f"its newest is {schema_version.HEAD}" in errors
    assert "Traceback" not in errors
    assert await column(url, "select count(*) from users") == [0]
