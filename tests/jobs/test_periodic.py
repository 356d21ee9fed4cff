"""Periodic tasks run once per interval, in one worker."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from db.core.errors import DATABASE_ERRORS
from jobs.periodic import SCHEDULED_TASKS, ScheduledTask, run_due_tasks, run_scheduler
from tests.processes import START_SECONDS, command_process

ALL = [
    "partitions",
    "publication",
    "statistics",
    "analytics",
    "analytics history",
    "reviews",
    "cards",
    "retention",
    "streak reminders",
    "parameter fits",
    "orphaned jobs",
]


async def run_rare_tasks(url: str) -> list[str]:
    """Runs the due tasks; returns the names of those that do not become due again while a test runs."""
    intervals = {task.name: task.interval for task in SCHEDULED_TASKS}
    return [name for name in await run_due_tasks(url) if intervals[name] >= timedelta(minutes=10)]


async def test_task_runs_once_per_interval(writable_database_url: str, connection: Any) -> None:
    await connection.execute("update books set published_at = null where jlpt_level = 'N5'")
    assert await run_due_tasks(writable_database_url) == ALL
    count = "select book_count from private.jlpt_content_stats where jlpt_level = 'N5'"
    assert await connection.fetchval(count) == 0
    assert await run_rare_tasks(writable_database_url) == []
    await connection.execute("update periodic_work set done_at = now() - interval '11 minutes'")
    assert await run_due_tasks(writable_database_url) == [
        *("publication", "statistics", "analytics", "reviews", "cards", "streak reminders", "orphaned jobs")
    ]


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


@pytest.mark.parametrize("in_transaction", [True, False])
async def test_worker_that_lost_its_session_writes_nothing(
    writable_database_url: str, connection: Any, in_transaction: bool
) -> None:
    """Another worker runs the task meanwhile, as soon as PostgreSQL has ended the session."""
    hour = timedelta(hours=1)
    has_started, may_continue = asyncio.Event(), asyncio.Event()
    await connection.execute("create table written (worker text)")

    async def stall(session: Any) -> None:
        if in_transaction:
            await session.execute("insert into written values ('stalled')")
        has_started.set()
        await may_continue.wait()
        await session.execute("insert into written values ('stalled')")

    async def write(session: Any) -> None:
        await session.execute("insert into written values ('other')")

    async def run(task: Any) -> list[str]:
        return await run_due_tasks(writable_database_url, [ScheduledTask("task", hour, task, in_transaction)])

    stalled = asyncio.create_task(run(stall))
    await has_started.wait()
    assert await run(write) == []
    # Of this database: other tests hold locks, too.
    holders = """
        select pg_terminate_backend(pid, 10000) from pg_locks join pg_database on pg_database.oid = database
        where locktype = 'advisory' and pid <> $1 and datname = current_database()
    """
    assert await connection.fetchval(holders, connection.get_server_pid())
    assert await run(write) == ["task"]
    may_continue.set()
    with pytest.raises(DATABASE_ERRORS):
        await stalled
    assert [row["worker"] for row in await connection.fetch("select worker from written")] == ["other"]
    assert await run(write) == []


@pytest.mark.parametrize("in_transaction", [True, False])
async def test_suspended_worker_loses_its_session(
    writable_database_url: str, monkeypatch: pytest.MonkeyPatch, in_transaction: bool
) -> None:
    """Its connection stays open."""
    monkeypatch.setattr("db.maintenance.schedule._MAX_IDLE_SECONDS", 0.3)
    has_started, may_continue = asyncio.Event(), asyncio.Event()

    async def suspend(session: Any) -> None:
        has_started.set()
        await may_continue.wait()
        await session.execute("create table written ()")

    async def work(session: Any) -> None:
        await session.execute("select from periodic_work")

    async def run(task: Any) -> list[str]:
        return await run_due_tasks(writable_database_url, [ScheduledTask("task", timedelta(), task, in_transaction)])

    suspended = asyncio.create_task(run(suspend))
    await has_started.wait()
    async with asyncio.timeout(30):
        while await run(work) == []:  # noqa: ASYNC110  # the server sends no event
            await asyncio.sleep(0.05)
    may_continue.set()
    with pytest.raises(DATABASE_ERRORS):
        await suspended


async def test_task_runs_after_the_clock_was_set_back(writable_database_url: str, connection: Any) -> None:
    async def work(_: Any) -> None:
        pass

    tasks = [ScheduledTask("task", timedelta(hours=1), work)]
    assert await run_due_tasks(writable_database_url, tasks) == ["task"]
    await connection.execute("update periodic_work set done_at = now() + interval '1 year'")
    assert await run_due_tasks(writable_database_url, tasks) == ["task"]
    assert await run_due_tasks(writable_database_url, tasks) == []


async def test_frequent_task_does_not_wait_for_others(
    writable_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book is published within a minute while another task waits for a storage."""
    monkeypatch.setattr("jobs.periodic.POLL_INTERVAL", timedelta(seconds=0.05))
    has_started, stopping = asyncio.Event(), asyncio.Event()

    async def wait(_: Any) -> None:
        has_started.set()
        await stopping.wait()

    async def publish(_: Any) -> None:
        if has_started.is_set():
            stopping.set()

    tasks = [ScheduledTask("wait", timedelta(hours=1), wait), ScheduledTask("publish", timedelta(), publish)]
    async with asyncio.timeout(30):
        await run_scheduler(writable_database_url, stopping, tasks)


async def test_failed_task_stays_due_and_others_run(writable_database_url: str, connection: Any) -> None:
    await connection.execute("alter materialized view private.learner_statistics rename to hidden")
    assert await run_due_tasks(writable_database_url) == [name for name in ALL if name != "statistics"]
    await connection.execute("alter materialized view private.hidden rename to learner_statistics")
    assert await run_rare_tasks(writable_database_url) == ["statistics"]


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
        insert into notifications (id, user_id, kind, cause, in_app, created_at)
            select gen_random_uuid(), id, 'EXPORT_READY', days, true, now() - days * interval '1 day'
            from users, unnest(array[89, 91]) as days where subject = 'editor';
        update textbooks set deleted_at = now() - days * interval '1 day'
            from (select id, row_number() over (order by id) + 28 as days from textbooks where is_public) as numbered
            where numbered.id = textbooks.id and days in (29, 31);
        """
    )
    before = await connection.fetchval("select count(*) from textbooks where deleted_at is null and owner_id is null")
    assert await run_due_tasks(writable_database_url) == ALL
    assert await connection.fetchval("select count(*) from jobs where finished_at < now() - interval '7 days'") == 0
    assert await connection.fetchval("select count(*) from jobs") == 3
    for table in ("job_events", "analyzed_texts", "analyzed_text_parts"):
        assert await connection.fetchval(f"select count(*) from {table}") == 3
    assert [
        row["cause"] for row in await connection.fetch("select cause from notifications where kind = 'EXPORT_READY'")
    ] == ["89"]
    assert await connection.fetchval("select count(*) from textbooks where deleted_at is not null") == 1
    after = await connection.fetchval("select count(*) from textbooks where deleted_at is null and owner_id is null")
    assert after == before


async def test_worker_command_runs_until_sigterm(writable_database_url: str) -> None:
    async with (
        command_process("worker", DATABASE_URL=writable_database_url) as process,
        asyncio.timeout(START_SECONDS),
    ):
        async for line in process.stderr:
            if b"statistics" in line:
                process.terminate()
        assert await process.wait() == 0
