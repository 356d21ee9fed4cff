"""Periodic work is done when it is due, by one worker, and not again before."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from db.database import connected
from jobs.periodic import do_what_is_due
from tests.processes import SHINJP


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    async with connected(writable_database_url) as connection:
        yield connection


async def test_it_is_done_once_and_again_when_it_is_due(writable_database_url: str, connection: Any) -> None:
    await connection.execute("update books set published_at = null where jlpt_level = 'N5'")
    assert await do_what_is_due(writable_database_url) == ["partitions", "statistics"]
    count = "select book_count from private.jlpt_content_stats where jlpt_level = 'N5'"
    assert await connection.fetchval(count) == 0
    assert await do_what_is_due(writable_database_url) == []
    await connection.execute("update periodic_work set done_at = now() - interval '11 minutes'")
    assert await do_what_is_due(writable_database_url) == ["statistics"]


async def test_partitions_are_made_ahead(writable_database_url: str, connection: Any) -> None:
    tables = "select count(*) from pg_class where relispartition and relkind = 'r'"
    before = await connection.fetchval(tables)
    for table in ("reviews", "audit_log"):
        name = await connection.fetchval("select to_char(now() + interval '2 months', $1)", f'"{table}_"YYYY_MM')
        await connection.execute(f"drop table {name}")
    await do_what_is_due(writable_database_url)
    assert await connection.fetchval(tables) == before


async def test_of_several_workers_one_does_it(writable_database_url: str) -> None:
    done = await asyncio.gather(*(do_what_is_due(writable_database_url) for _ in range(4)))
    assert sorted(name for names in done for name in names) == ["partitions", "statistics"]


async def test_what_fails_is_due_still(writable_database_url: str, connection: Any) -> None:
    await connection.execute("alter materialized view private.daily_activity rename to hidden")
    with pytest.raises(asyncpg.UndefinedTableError):
        await do_what_is_due(writable_database_url)
    await connection.execute("alter materialized view private.hidden rename to daily_activity")
    assert await do_what_is_due(writable_database_url) == ["statistics"]


async def test_the_command_works_until_it_is_told_to_stop(writable_database_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        SHINJP,
        "worker",
        env=os.environ | {"DATABASE_URL": writable_database_url},
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(30):
        async for line in process.stderr:
            if b"statistics" in line:
                process.terminate()
        assert await process.wait() == 0
