"""Periodic tasks run once per interval, in one worker."""

import asyncio
import os
import subprocess
from typing import Any

import asyncpg
import pytest

from jobs.periodic import run_due_tasks
from tests.processes import SHINJP

ALL = ["partitions", "statistics", "reviews", "retention", "parameter fits", "orphaned jobs"]


async def test_task_runs_once_per_interval(writable_database_url: str, connection: Any) -> None:
    await connection.execute("update books set published_at = null where jlpt_level = 'N5'")
    assert await run_due_tasks(writable_database_url) == ALL
    count = "select book_count from private.jlpt_content_stats where jlpt_level = 'N5'"
    assert await connection.fetchval(count) == 0
    assert await run_due_tasks(writable_database_url) == []
    await connection.execute("update periodic_work set done_at = now() - interval '11 minutes'")
    assert await run_due_tasks(writable_database_url) == ["statistics", "reviews", "orphaned jobs"]


async def test_partitions_are_created_in_advance(writable_database_url: str, connection: Any) -> None:
    tables = "select count(*) from pg_class where relispartition and relkind = 'r'"
    before = await connection.fetchval(tables)
    for table in ("reviews", "audit_log"):
        name = await connection.fetchval("select to_char(now() + interval '2 months', $1)", f'"{table}_"YYYY_MM')
        await connection.execute(f"drop table {name}")
    await run_due_tasks(writable_database_url)
    assert await connection.fetchval(tables) == before


async def test_one_of_several_workers_runs_a_task(writable_database_url: str) -> None:
    done = await asyncio.gather(*(run_due_tasks(writable_database_url) for _ in range(4)))
    assert sorted(name for names in done for name in names) == sorted(ALL)


async def test_failed_task_stays_due(writable_database_url: str, connection: Any) -> None:
    await connection.execute("alter materialized view private.daily_activity rename to hidden")
    with pytest.raises(asyncpg.UndefinedTableError):
        await run_due_tasks(writable_database_url)
    await connection.execute("alter materialized view private.hidden rename to daily_activity")
    assert await run_due_tasks(writable_database_url) == [
        "statistics",
        "reviews",
        "retention",
        "parameter fits",
        "orphaned jobs",
    ]


async def test_only_expired_rows_are_removed(writable_database_url: str, connection: Any) -> None:
    await connection.execute(
        """
        insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts,
                input, scheduled_for, finished_at)
            select gen_random_uuid(), users.id, 'EXPORT', status, 0, 0, 1, 1, 3, '{}', now(), ended
            from users, unnest(array['FAILED', 'SUCCEEDED', 'CANCELLED']) as status,
                unnest(array[now() - interval '8 days', now() - interval '6 days']) as ended
            where subject = 'demo';
        insert into analyzed_texts (id, user_id, job_id, length, completed_at)
            select gen_random_uuid(), users.id, jobs.id, 1, finished_at from jobs join users
                on subject = case status when 'FAILED' then 'demo' else 'editor' end;
        insert into analyzed_text_parts (text_id, number, text) select id, 1, '猫' from analyzed_texts;
        insert into job_events (job_id, user_id, at, state) select id, user_id, now(), '{}' from jobs;
        update textbooks set deleted_at = now() - days * interval '1 day'
            from (select id, row_number() over (order by id) + 28 as days from textbooks where is_public) as numbered
            where numbered.id = textbooks.id and days in (29, 31);
        update users set deleted_at = now() - interval '31 days' where subject = 'demo';
        """
    )
    demo = await connection.fetchval("select id from users where subject = 'demo'")
    before = await connection.fetchval("select count(*) from textbooks where deleted_at is null and owner_id is null")
    assert await run_due_tasks(writable_database_url) == ALL
    # The rows of the account were deleted with it.
    for table in ("cards", "reviews", "review_days", "user_settings", "reading_progress", "analyzed_texts"):
        assert await connection.fetchval(f"select count(*) from {table} where user_id = $1", demo) == 0
    assert await connection.fetchval("select count(*) from users where subject = 'demo'") == 0
    assert await connection.fetchval("select count(*) from jobs where finished_at < now() - interval '7 days'") == 0
    assert await connection.fetchval("select count(*) from jobs") == 3
    assert await connection.fetchval("select count(*) from job_events") == 3
    # Those of the editor whose job has not expired.
    assert await connection.fetchval("select count(*) from analyzed_texts") == 2
    assert await connection.fetchval("select count(*) from analyzed_text_parts") == 2
    assert await connection.fetchval("select count(*) from textbooks where deleted_at is not null") == 1
    after = await connection.fetchval("select count(*) from textbooks where deleted_at is null and owner_id is null")
    assert after == before


async def test_worker_command_runs_until_sigterm(writable_database_url: str) -> None:
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
