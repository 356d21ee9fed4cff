"""Jobs take effect once, in any worker, and have the right status."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from db.core.database import Database, open_database
from db.core.transaction import Transaction
from db.maintenance.orphaned_jobs import requeue_orphaned_jobs
from db.services import attempts
from db.services.attempts import AttemptSuperseded
from db.services.jobs import cancel_job, enqueue_job
from domain.enums import JobKind, Role
from domain.ids import global_id
from domain.jobs import JobErrorCode, JobFailed, JobPolicy
from domain.viewer import Viewer
from jobs.attempts import Attempt, Work, run_transaction_as
from tests.clients import Client
from tests.databases import column, execute
from tests.workers import FAST_RETRIES, generate, id_of, running_worker, until

KIND = JobKind.EXPORT
EVENTS = "select state->>'status' from job_events order by id"


@pytest.fixture
async def database(writable_database_url: str) -> Any:
    async with open_database(writable_database_url, min_size=0, max_size=5) as database:
        yield database


@pytest.fixture
async def viewer(writable_database_url: str) -> Viewer:
    [id] = await column(writable_database_url, "select id from users where subject = 'demo'")
    return Viewer(id, Role.LEARNER)


async def enqueue(database: Database, viewer: Viewer, kind: JobKind = KIND, **options: Any) -> str:
    """The global id of a new job."""
    job = await run_transaction_as(
        database, viewer, "test", partial(enqueue_job, kind=kind, input={}, steps=1, **options)
    )
    return global_id("Job", job.id)


def work_of(work: Callable[[Attempt], Awaitable[Mapping[str, object] | None]]) -> Mapping[JobKind, Work]:
    return {KIND: work}


async def nothing(_: Attempt) -> None:
    return None


class Held:
    """Work that waits until it is released, and counts its starts and interruptions."""

    def __init__(self) -> None:
        self.started = asyncio.Semaphore(0)
        self.let_go = asyncio.Event()
        self.stopped = asyncio.Event()
        self.running = self.most_running = self.interrupted = 0

    async def __call__(self, _: Attempt) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.started.release()
        try:
            await self.let_go.wait()
        except asyncio.CancelledError:
            self.interrupted += 1
            self.stopped.set()
            raise
        finally:
            self.running -= 1


async def test_enqueue_follows_the_transaction(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    async def enqueue_and_fail(transaction: Transaction) -> None:
        await enqueue_job(transaction, KIND, {}, steps=1)
        raise LookupError

    with pytest.raises(LookupError):
        await run_transaction_as(database, viewer, "test", enqueue_and_fail)
    for table in ("jobs", "job_events", "queue.entries"):
        assert await column(writable_database_url, f"select count(*) from {table}") == [0]
    await enqueue(database, viewer)
    for table in ("jobs", "job_events", "queue.entries"):
        assert await column(writable_database_url, f"select count(*) from {table}") == [1]


async def empty_queue(database_url: str) -> None:
    """Waits until the queue has no entries: an entry is deleted after its job has ended."""
    async with asyncio.timeout(60):
        while await column(database_url, "select 1 from queue.entries"):  # noqa: ASYNC110  # it sends no event
            await asyncio.sleep(0.01)


async def test_finished_job_leaves_the_queue(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(nothing)):
        ended = await until(writable_database_url, job)
        await empty_queue(writable_database_url)
    assert (ended["status"], ended["progress"], ended["attempts"]) == ("SUCCEEDED", 1, 1)
    assert await column(writable_database_url, EVENTS) == ["QUEUED", "RUNNING", "SUCCEEDED"]


async def test_failed_job_is_retried_until_it_succeeds(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    failures = [
        ValueError("a secret of ours"),
        JobFailed(JobErrorCode.MODEL_UNAVAILABLE, "It is busy.", retryable=True),
    ]

    async def fail_twice(_: Attempt) -> None:
        if failures:
            raise failures.pop(0)

    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(fail_twice)):
        ended = await until(writable_database_url, job)
    assert (ended["status"], ended["attempts"], ended["error"]) == ("SUCCEEDED", 3, None)
    assert await column(writable_database_url, EVENTS) == [
        *("QUEUED", "RUNNING", "RETRYING", "RUNNING", "RETRYING", "RUNNING", "SUCCEEDED")
    ]
    errors = await column(writable_database_url, "select state->'error'->>'code' from job_events order by id")
    assert [error for error in errors if error] == ["INTERNAL_SERVER_ERROR", "MODEL_UNAVAILABLE"]
    assert "secret" not in str(await column(writable_database_url, "select state from job_events"))


async def test_job_fails_after_max_attempts(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    async def fail(_: Attempt) -> None:
        raise JobFailed(JobErrorCode.MODEL_UNAVAILABLE, "It is busy.", retryable=True)

    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(fail)):
        ended = await until(writable_database_url, job)
    assert (ended["status"], ended["attempts"], ended["max_attempts"]) == ("FAILED", 4, 4)
    assert ended["finished_at"] is not None


async def test_permanent_failure_is_not_retried(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    async def fail(_: Attempt) -> None:
        raise JobFailed(JobErrorCode.MODEL_REFUSED, "Not that.", retryable=False)

    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(fail)):
        ended = await until(writable_database_url, job)
    assert (ended["status"], ended["attempts"]) == ("FAILED", 1)


async def test_cancelled_queued_job_is_never_started(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    held = Held()
    cancelled, other = await enqueue(database, viewer), await enqueue(database, viewer)
    await cancel(database, viewer, cancelled)
    held.let_go.set()
    async with running_worker(writable_database_url, work_of(held)):
        await until(writable_database_url, other)
    assert (await until(writable_database_url, cancelled))["attempts"] == 0


async def test_cancelled_running_job_stops_immediately(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    held = Held()
    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(held)), asyncio.timeout(60):
        await held.started.acquire()
        await cancel(database, viewer, job)
        other = await enqueue(database, viewer)
        # One job per user may run: the cancelled one does not count, and stops.
        await held.started.acquire()
        await held.stopped.wait()
        held.let_go.set()
        await until(writable_database_url, other)
        await empty_queue(writable_database_url)


async def cancel(database: Database, viewer: Viewer, job: str) -> None:
    await run_transaction_as(database, viewer, "test", partial(cancel_job, id=id_of(job)))


async def test_stopping_worker_releases_its_jobs(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    held, job = Held(), await enqueue(database, viewer)
    async with AsyncExitStack() as stack, asyncio.timeout(60):
        async with running_worker(writable_database_url, work_of(held)):
            await held.started.acquire()
            # Another worker, which is idle.
            await stack.enter_async_context(running_worker(writable_database_url, work_of(nothing)))
        assert held.interrupted == 1
        ended = await until(writable_database_url, job)
    # The interrupted attempt does not count.
    assert (ended["status"], ended["attempts"]) == ("SUCCEEDED", 1)
    assert await column(writable_database_url, EVENTS) == ["QUEUED", "RUNNING", "QUEUED", "RUNNING", "SUCCEEDED"]


async def test_concurrency_per_user_is_limited(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    held = Held()
    [editor] = await column(writable_database_url, "select id from users where subject = 'editor'")
    policies = {KIND: JobPolicy(5, timedelta(), max_concurrent=10, max_concurrent_per_user=2)}
    for _ in range(4):
        await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(held), policies=policies), asyncio.timeout(30):
        for _ in range(2):
            await held.started.acquire()
        # Another user's job does not wait for them.
        await enqueue(database, Viewer(editor, Role.LEARNER))
        await held.started.acquire()
        assert held.most_running == 3
        held.let_go.set()
        for _ in range(2):
            await held.started.acquire()
    assert held.most_running == 3


async def test_concurrency_per_kind_is_limited(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    held = Held()
    policies = {KIND: JobPolicy(5, timedelta(), max_concurrent=3, max_concurrent_per_user=100)}
    jobs = [await enqueue(database, viewer) for _ in range(9)]
    async with (
        running_worker(writable_database_url, work_of(held), policies=policies),
        running_worker(writable_database_url, work_of(held), policies=policies),
        asyncio.timeout(30),
    ):
        for _ in range(3):
            await held.started.acquire()
        held.let_go.set()
        for job in jobs:
            await until(writable_database_url, job)
    assert held.most_running == 3


async def test_scheduled_job_is_not_started_early(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    at = datetime.now(UTC) + timedelta(seconds=1)
    later, now = await enqueue(database, viewer, scheduled_for=at), await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(nothing)):
        await until(writable_database_url, now)
        ended = await until(writable_database_url, later)
    assert ended["started_at"] >= at


async def test_highest_priority_starts_first(database: Database, viewer: Viewer, writable_database_url: str) -> None:
    started: list[UUID] = []

    async def note(attempt: Attempt) -> None:
        started.append(attempt.job.id)

    for _ in range(4):
        await enqueue(database, viewer)
    last = await column(writable_database_url, "select id from jobs order by id desc limit 1")
    await execute(
        writable_database_url,
        "update queue.entries set priority = 99 where id = (select max(id) from queue.entries)",
    )
    policies = {KIND: JobPolicy(5, timedelta(), max_concurrent=1, max_concurrent_per_user=1)}
    async with running_worker(writable_database_url, work_of(note), policies=policies):
        for id in await column(writable_database_url, "select id from jobs"):
            await until(writable_database_url, global_id("Job", id))
    assert started[:1] == last


async def test_superseded_attempt_changes_nothing(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    """A worker that was disconnected returns after another one has claimed its job."""
    held = Held()
    taken: list[Attempt] = []

    async def take(attempt: Attempt) -> None:
        taken.append(attempt)
        await held(attempt)

    job = await enqueue(database, viewer)
    async with running_worker(writable_database_url, work_of(take)), asyncio.timeout(60):
        await held.started.acquire()
        await execute(writable_database_url, "update jobs set attempt_id = gen_random_uuid(), updated_at = now()")
        [attempt] = taken
        before = await column(writable_database_url, "select count(*) from job_events")
        for change in (
            partial(attempts.advance, message="x", done=1, of=1),
            partial(attempts.succeed, result=None),
            partial(attempts.release),
            partial(attempts.save_plan, plan=[], message="x", steps=1),
            partial(
                attempts.fail,
                failure=JobFailed(JobErrorCode.NOT_WRITTEN, "x", retryable=True),
                policy=FAST_RETRIES[KIND],
            ),
        ):
            with pytest.raises(AttemptSuperseded):
                await attempt.write(partial(change, attempt=attempt.job))
        assert await column(writable_database_url, "select count(*) from job_events") == before
        assert (await until(writable_database_url, job, "RUNNING"))["message"] == "Starting."


async def test_orphaned_job_is_requeued(
    database: Database, viewer: Viewer, writable_database_url: str, connection: Any
) -> None:
    job = await enqueue(database, viewer)
    await connection.execute("delete from queue.entries")
    await requeue_orphaned_jobs(connection)
    assert await connection.fetchval("select count(*) from queue.entries") == 0
    await connection.execute("update jobs set updated_at = now() - interval '3 minutes'")
    for _ in range(2):
        await requeue_orphaned_jobs(connection)
    assert await connection.fetchval("select count(*) from queue.entries") == 1
    async with running_worker(writable_database_url, work_of(nothing)):
        assert (await until(writable_database_url, job))["status"] == "SUCCEEDED"


async def test_job_of_deleted_account_is_not_run(
    database: Database, viewer: Viewer, writable_database_url: str
) -> None:
    held = Held()
    held.let_go.set()
    await enqueue(database, viewer)
    await execute(writable_database_url, "update users set deleted_at = now() where subject = 'demo'")
    [editor] = await column(writable_database_url, "select id from users where subject = 'editor'")
    other = await enqueue(database, Viewer(editor, Role.LEARNER))
    async with running_worker(writable_database_url, work_of(held)):
        await until(writable_database_url, other)
    attempts = "select attempts from jobs join users on users.id = jobs.user_id where subject = 'demo'"
    assert await column(writable_database_url, attempts) == [0]


async def test_deleted_textbook_stops_its_generation(writable: Client, writable_database_url: str) -> None:
    held = Held()
    textbook, job = await generate(writable)
    async with running_worker(writable_database_url, {JobKind.GENERATE_TEXTBOOK: held}), asyncio.timeout(60):
        await held.started.acquire()
        delete = "mutation ($id: ID!) { deleteTextbook(input: {id: $id}) { errors { code } } }"
        assert (await writable.run(delete, {"id": textbook}, user="demo")).data["deleteTextbook"] == {"errors": []}
        assert (await until(writable_database_url, job))["status"] == "CANCELLED"
    assert held.interrupted == 1
    restore = "mutation ($id: ID!) { restoreTextbook(input: {id: $id}) { textbook { status } } }"
    restored = (await writable.run(restore, {"id": textbook}, user="demo")).data["restoreTextbook"]
    assert restored == {"textbook": {"status": "FAILED"}}
