"""Administrators see the jobs and periodic tasks of all users, cancel, retry and run them."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
import pytest

from db.core.database import owner_connection
from domain.enums import JobKind
from domain.ids import global_id, new_id
from jobs.periodic import SCHEDULED_TASKS, run_due_tasks
from tests.clients import Client
from tests.jobs.test_periodic import run_rare_tasks

JOBS = """
    query ($filter: ManagedJobFilter) { admin { jobs(first: 20, filter: $filter) { totalCount nodes {
        jobId kind status attempts durationSeconds error { code } user { email }
        modelUsage { requests promptTokens completionTokens cost }
        log { status message attempts error { code message } }
    } } } }
"""
CHANGE = "mutation ($id: ID!) { %s(input: {id: $id}) { job { status } errors { code path } } }"
RETRY_FAILED = """
    mutation ($first: Int!) { retryFailedJobs(input: {kind: EXPORT, first: $first}) { retriedCount errors { code } } }
"""
SCHEDULES = """
    { admin { schedules { name intervalSeconds lastRunSucceeded lastStartedAt lastDurationMs lastSucceededAt error
        requestedAt nextRunAt } } }
"""
RUN = (
    "mutation ($name: String!) { runSchedule(input: {name: $name}) { schedule { name requestedAt } errors { code } } }"
)
FAILED = '{"code": "NO_ROOM", "message": "Full.", "retryable": false}'
INSERT = """
    insert into jobs (id, user_id, kind, status, progress, completed_steps, total_steps, attempts, max_attempts, input,
            entry_id, scheduled_for, started_at, finished_at, error, created_at)
        select $5, users.id, $1, $2, 0, 0, 1, 2, 3, '{"kind": "CARDS", "format": "CSV"}',
            gen_random_uuid(), now(), now() - interval '3 seconds', case when $2 = 'FAILED' then now() end,
            case when $2 = 'FAILED' then $3::jsonb end, now() - interval '1 day'
        from users where subject = $4 returning id
"""


@pytest.fixture
async def connection(writable_database_url: str) -> AsyncIterator[Any]:
    async with owner_connection(writable_database_url) as connection:
        yield connection


async def insert(connection: Any, user: str, status: str, kind: JobKind = JobKind.EXPORT) -> UUID:
    id: UUID = await connection.fetchval(INSERT, kind.value, status, FAILED, user, new_id())
    return id


async def test_list_has_details_and_filters(writable: Client, connection: Any) -> None:
    failed = await insert(connection, "demo", "FAILED")
    await insert(connection, "editor", "RUNNING", JobKind.ANALYZE_BOOK)
    for state in (
        '{"status": "QUEUED", "attempts": 0}',
        '{"status": "RUNNING", "attempts": 1, "message": "Starting."}',
    ):
        await _log(connection, failed, state)
    await _log(connection, failed, f'{{"status": "FAILED", "attempts": 1, "error": {FAILED}}}')
    await connection.execute(
        "insert into model_usage (id, user_id, job_id, at, model, prompt_tokens, completion_tokens, cost)"
        " select gen_random_uuid(), user_id, id, now(), 'model', 100, 50, 0.25 from jobs, generate_series(1, 2)"
        " where id = $1",
        failed,
    )
    [running, found] = (await writable.run(JOBS, user="admin")).data["admin"]["jobs"]["nodes"]
    assert (running["kind"], running["user"], running["modelUsage"]) == (
        "ANALYZE_BOOK",
        {"email": "editor@shinjp.example"},
        None,
    )
    assert running["durationSeconds"] >= 3
    assert found == {
        "jobId": global_id("Job", failed),
        "kind": "EXPORT",
        "status": "FAILED",
        "attempts": 2,
        "durationSeconds": 3,
        "error": {"code": "NO_ROOM"},
        "user": {"email": "demo@shinjp.example"},
        "modelUsage": {"requests": 2, "promptTokens": 200, "completionTokens": 100, "cost": 0.5},
        "log": [
            {"status": "FAILED", "message": None, "attempts": 1, "error": {"code": "NO_ROOM", "message": "Full."}},
            {"status": "RUNNING", "message": "Starting.", "attempts": 1, "error": None},
            {"status": "QUEUED", "message": None, "attempts": 0, "error": None},
        ],
    }
    looks = "select count(*) from audit_log where action = 'view'"
    assert await connection.fetchval(looks) == 2
    demo = await connection.fetchval("select id from users where subject = 'demo'")
    for filter, number in (
        ({"kind": "EXPORT"}, 1),
        ({"status": "RUNNING"}, 1),
        ({"status": "QUEUED"}, 0),
        ({"userId": global_id("User", demo)}, 1),
        ({"createdFrom": "2100-01-01T00:00:00Z"}, 0),
        ({"createdTo": "2100-01-01T00:00:00Z"}, 2),
    ):
        jobs = (await writable.run(JOBS, {"filter": filter}, user="admin")).data["admin"]["jobs"]
        assert jobs["totalCount"] == len(jobs["nodes"]) == number, filter
    assert (await writable.run(JOBS, user="editor")).data["admin"] is None


async def test_administrator_cancels_and_retries_a_job_of_a_user(writable: Client, connection: Any) -> None:
    job = await insert(connection, "demo", "QUEUED")
    variables = {"id": global_id("Job", job)}
    other = (await writable.run(CHANGE % "cancelJob", variables, user="editor")).data["cancelJob"]
    assert [error["code"] for error in other["errors"]] == ["NOT_FOUND"]
    for mutation, status, action in (
        ("cancelJob", "CANCELLED", "cancel"),
        ("retryJob", "QUEUED", "retry"),
    ):
        changed = (await writable.run(CHANGE % mutation, variables, user="admin")).data[mutation]
        assert changed == {"job": {"status": status}, "errors": []}
        entry = await connection.fetchrow("select action, entity_id from audit_log order by at desc limit 1")
        assert tuple(entry) == (action, job)
        # The owner's streams have it.
        state = await connection.fetchval("select state ->> 'status' from job_events order by id desc limit 1")
        assert state == status
    assert await connection.fetchval("select count(*) from queue.entries") == 1
    await connection.execute("update jobs set user_id = null")
    erased = (await writable.run(CHANGE % "cancelJob", variables, user="admin")).data["cancelJob"]
    assert [error["code"] for error in erased["errors"]] == ["CONFLICT"]


async def test_all_failed_jobs_of_a_kind_are_retried(writable: Client, connection: Any) -> None:
    await connection.execute(
        "insert into users (id, subject, email, display_name, role, blocked_at, blocked_reason)"
        " values (gen_random_uuid(), 'blocked', '', 'B', 'learner', now(), 'Spam')"
    )
    of_deleted = await insert(connection, "demo", "FAILED")
    # Of a deleted textbook, which its owner could not read.
    await connection.execute("""
        update jobs set textbook_id = (select id from textbooks where owner_id = jobs.user_id limit 1);
        update textbooks set deleted_at = now() where id in (select textbook_id from jobs)
    """)
    # Their ids may be of the same millisecond.
    jobs = sorted([str(await insert(connection, user, "FAILED")) for user in ("demo", "editor", "demo")])
    await insert(connection, "blocked", "FAILED")
    await insert(connection, "demo", "FAILED", JobKind.ANALYZE_TEXT)
    retried = [
        (await writable.run(RETRY_FAILED, {"first": 2}, user="admin")).data["retryFailedJobs"]["retriedCount"]
        for _ in range(3)
    ]
    assert retried == [2, 1, 0]
    for user in ("demo", "admin"):
        changed = await writable.run(CHANGE % "retryJob", {"id": global_id("Job", of_deleted)}, user=user)
        assert [error["code"] for error in changed.data["retryJob"]["errors"]] == ["CONFLICT"]
    logged = await connection.fetch("select changes from audit_log where action = 'retryFailedJobs' order by at")
    changes = [orjson.loads(entry["changes"]) for entry in logged]
    assert [entry["jobIds"]["after"] for entry in changes] == [jobs[:2], jobs[2:3]]
    assert await connection.fetchval("select count(*) from jobs where status = 'FAILED'") == 3
    assert await connection.fetchval("select count(*) from queue.entries") == 3
    refused = (await writable.run(RETRY_FAILED, {"first": 101}, user="admin")).data["retryFailedJobs"]
    assert refused == {"retriedCount": 0, "errors": [{"code": "OUT_OF_RANGE"}]}


async def test_schedules_show_runs_and_failures_and_are_run_on_request(
    writable: Client, writable_database_url: str, connection: Any
) -> None:
    url = writable_database_url
    await connection.execute("alter materialized view private.learner_statistics rename to hidden")
    assert "statistics" not in await run_due_tasks(url)
    await connection.execute("alter materialized view private.hidden rename to learner_statistics")
    schedules = {
        each["name"]: each for each in (await writable.run(SCHEDULES, user="admin")).data["admin"]["schedules"]
    }
    assert set(schedules) == {task.name for task in SCHEDULED_TASKS}
    failed, partitions = schedules["statistics"], schedules["partitions"]
    assert (failed["lastRunSucceeded"], failed["lastSucceededAt"]) == (False, None)
    assert failed["error"].startswith("UndefinedTableError: ")
    assert (partitions["lastRunSucceeded"], partitions["error"], partitions["intervalSeconds"]) == (True, None, 86_400)
    assert partitions["lastStartedAt"] <= partitions["lastSucceededAt"] < partitions["nextRunAt"]
    assert partitions["lastDurationMs"] >= 0
    assert await run_rare_tasks(url) == ["statistics"]

    requested = (await writable.run(RUN, {"name": "partitions"}, user="admin")).data["runSchedule"]
    assert requested["errors"] == []
    assert requested["schedule"]["requestedAt"]
    assert await run_rare_tasks(url) == ["partitions"]
    schedules = {
        each["name"]: each for each in (await writable.run(SCHEDULES, user="admin")).data["admin"]["schedules"]
    }
    assert {each["lastRunSucceeded"] for each in schedules.values()} == {True}
    assert {each["requestedAt"] for each in schedules.values()} == {None}
    unknown = (await writable.run(RUN, {"name": "nothing"}, user="admin")).data["runSchedule"]
    assert unknown == {"schedule": None, "errors": [{"code": "NOT_FOUND"}]}
    refreshed = (
        await writable.run("mutation { refreshAnalytics { refreshedAt schedule { name } } }", user="admin")
    ).data["refreshAnalytics"]
    assert refreshed == {"refreshedAt": schedules["analytics"]["lastSucceededAt"], "schedule": {"name": "analytics"}}


async def _log(connection: Any, job: UUID, state: str) -> None:
    await connection.execute(
        "insert into job_events (job_id, user_id, at, state) select id, user_id, now(), $2 from jobs where id = $1",
        job,
        state,
    )
