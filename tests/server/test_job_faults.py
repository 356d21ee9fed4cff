"""Jobs finish with each chapter once, and streams see the end, whichever process dies meanwhile."""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from db.core.database import open_database, owner_connection
from db.services.textbooks import generate_textbook
from domain.enums import JlptLevel, JobKind, Role
from domain.rate_limits import RateLimit
from domain.viewer import Viewer
from jobs.attempts import Attempt, run_transaction_as
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from jobs.textbooks.generate_textbook import generate_textbook as generate_by
from tests.clients import TEST_SECRET, Client, client_of
from tests.databases import column
from tests.fork_server import ForkedProcess
from tests.language_model import LanguageModel, language_model
from tests.postgres_cluster import cluster_url, kill_and_start, restart
from tests.processes import command_process, fork_server, server_process
from tests.streams import COMPLETE, JOB_STATUS, SSE, WEBSOCKET, Event, stream, stream_server
from tests.workers import GENERATE, generate, running_worker, textbook_input, until

pytestmark = pytest.mark.timeout(600)

# `make fuzz` runs a thousand.
JOBS = int(os.environ.get("FUZZ_JOBS", "40"))
WORKERS, KILLS = 3, 3 + JOBS // 100


@pytest.fixture
async def model() -> AsyncIterator[LanguageModel]:
    async with language_model() as model:
        yield model


@asynccontextmanager
async def worker_process(url: str, model: LanguageModel, log: Path) -> AsyncIterator[ForkedProcess]:
    """`shinjp worker`, with chapters written by the language model."""
    settings = {
        "DATABASE_URL": url,
        "WORKER_HEARTBEAT_SECONDS": "5",
        "TEXTBOOK_GENERATOR": "llm",
        "LLM_BASE_URL": model.address,
        "LLM_MODEL": "a model",
    }
    async with command_process("worker", log=log, **settings) as process:
        yield process


async def test_worker_killed_within_a_chapter(
    writable_database_url: str, redis_url: str, model: LanguageModel, tmp_path: Path
) -> None:
    async with client_of(writable_database_url, redis_url) as client:
        _, job = await generate(client, numberOfChapters=4, topics=["trains"])
    model.held_after = 3
    async with (
        worker_process(writable_database_url, model, tmp_path / "first") as first,
        asyncio.timeout(60),
    ):
        # The plan and two chapters are written; two more are in progress.
        await model.until_requested(5)
        await until(writable_database_url, job, "RUNNING", steps=2)
        first.kill()
        await first.wait()
        saved = await column(writable_database_url, "select id from chapters order by created_at desc limit 2")
        model.held_after = None
        async with worker_process(writable_database_url, model, tmp_path / "second"):
            ended = await until(writable_database_url, job)
    assert (ended["status"], ended["attempts"], ended["completed_steps"]) == ("SUCCEEDED", 2, 4)
    statement = "select position from chapters where textbook_id = (select textbook_id from jobs) order by position"
    assert await column(writable_database_url, statement) == [1, 2, 3, 4]
    assert set(saved) <= set(await column(writable_database_url, "select id from chapters"))
    # Five requests before, and two for the missing chapters.
    assert len(model.requests) == 7
    progress = await column(writable_database_url, "select (state->>'progress')::float8 from job_events order by id")
    assert progress == sorted(progress)


async def test_server_killed_during_a_subscription(writable_database_url: str, redis_url: str, tmp_path: Path) -> None:
    """The client reconnects, and misses no event."""
    settings = {"DATABASE_URL": writable_database_url, "REDIS_URL": redis_url, "JWT_SECRET": TEST_SECRET}
    async with client_of(writable_database_url, redis_url) as client, AsyncExitStack() as stack:
        _, job = await generate(client, numberOfChapters=4)
        token = client.token("demo")
        start = partial(server_process, tmp_path / "log", "--no-migrate", **settings)
        server = await stack.enter_async_context(start())
        seen: list[Event] = []
        with suppress(httpx.TransportError):
            async with stream(address_of(server.address), SSE, JOB_STATUS, {"id": job}, token) as events:
                seen.append(await anext(events))
                await server.stop(signal.SIGKILL)
                seen += [event async for event in events]
        assert seen[-1] != COMPLETE
        async with running_worker(writable_database_url):
            await until(writable_database_url, job)
        server = await stack.enter_async_context(start())
        last = seen[-1].id
        async with stream(address_of(server.address), SSE, JOB_STATUS, {"id": job}, token, last) as events:
            seen += [event async for event in events]
    assert seen.pop() == COMPLETE
    ids = await column(writable_database_url, "select id::text from job_events order by job_events.id")
    assert [event.id for event in seen] == ids
    assert seen[-1].data["jobStatus"]["status"] == "SUCCEEDED"


def address_of(url: str) -> str:
    return url.removeprefix("http://").removesuffix("/graphql")


class GatedGenerator(DictionaryGenerator):
    """Waits before each chapter until it is released."""

    def __init__(self, library: DictionaryCache) -> None:
        super().__init__(library)
        self.may_continue = asyncio.Event()

    async def write(self, attempt: Attempt, *arguments: Any) -> Any:
        await self.may_continue.wait()
        return await super().write(attempt, *arguments)


@pytest.mark.parametrize("end", [restart, kill_and_start], ids=["in good order", "killed"])
async def test_database_restart(cluster: Path, redis_url: str, end: Any) -> None:
    """Streams stay open and see the end; the job succeeds."""
    url = cluster_url(cluster)
    async with (
        stream_server(url, redis_url) as server,
        open_database(url, min_size=0, max_size=5) as database,
        asyncio.timeout(90),
    ):
        slow = GatedGenerator(DictionaryCache(database))
        _, job = await generate(server.client, numberOfChapters=3)
        work = {JobKind.GENERATE_TEXTBOOK: partial(generate_by, generator=slow)}
        async with (
            server.stream(SSE, JOB_STATUS, {"id": job}) as first,
            server.stream(WEBSOCKET, JOB_STATUS, {"id": job}) as second,
            # The attempt that lost its connection is dead after a heartbeat.
            running_worker(url, work, heartbeat=timedelta(seconds=4)),
        ):
            await until(url, job, "RUNNING")
            await end(cluster)
            slow.may_continue.set()
            for events in (first, second):
                seen = [event async for event in events]
                assert seen[-1] == COMPLETE
                assert seen[-2].data["jobStatus"]["status"] == "SUCCEEDED"
        positions = "select position from chapters where textbook_id = (select textbook_id from jobs) order by 1"
        assert await column(url, positions) == [1, 2, 3]


async def test_generation_without_redis(writable_database_url: str) -> None:
    """Textbooks are generated, and the rate limit is enforced."""
    async with client_of(writable_database_url, "redis://127.0.0.1:1") as client, running_worker(writable_database_url):
        jobs = [(await generate_without_redis(client))["job"]["id"] for _ in range(5)]
        refused = await client.run(GENERATE, textbook_input(), user="demo")
        assert refused.error_codes == ["RATE_LIMITED"]
        assert 3_500 <= refused.body["errors"][0]["extensions"]["retryAfter"] <= 3_600
        for job in jobs:
            assert (await until(writable_database_url, job))["status"] == "SUCCEEDED"


async def generate_without_redis(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = (await client.run(GENERATE, textbook_input(numberOfChapters=1), user="demo")).data[
        "generateTextbook"
    ]
    return found


async def test_jobs_survive_workers_that_are_killed_at_random(writable_database_url: str, tmp_path: Path) -> None:
    [demo] = await column(writable_database_url, "select id from users where subject = 'demo'")
    viewer = Viewer(demo, Role.LEARNER)
    async with open_database(writable_database_url, min_size=0, max_size=8) as database:
        room = asyncio.Semaphore(8)

        async def enqueue(number: int) -> None:
            save = partial(
                generate_textbook,
                title=f"Textbook {number}",
                level=JlptLevel.N5,
                topics=["food"],
                chapters=1,
                is_public=False,
                idempotency_key=None,
                limit=RateLimit("none", "textbooks", JOBS + 1, "none"),
            )
            async with room:
                await run_transaction_as(database, viewer, "test", save)

        await asyncio.gather(*(enqueue(number) for number in range(JOBS)))
    await column(writable_database_url, "update jobs set max_attempts = 50 returning 1")
    async with (
        swarm(writable_database_url, tmp_path / "log") as workers,
        asyncio.timeout(300),
        owner_connection(writable_database_url) as owner,
    ):
        dice = random.Random(1)
        kills = 0
        while (done := await owner.fetchval("select count(*) from jobs where status = 'SUCCEEDED'")) < JOBS:
            if kills < KILLS and done > kills * JOBS / (KILLS + 1):
                await workers.kill(dice.randrange(WORKERS))
                kills += 1
            await asyncio.sleep(0.05)
    # The last jobs may finish before a worker that would be killed has started.
    assert kills >= 3
    assert await column(writable_database_url, "select count(*) from queue.entries") == [0]
    # Each textbook has its chapter once, and each job finished once.
    once = "select count(*) from chapters where textbook_id in (select textbook_id from jobs) group by textbook_id"
    assert await column(writable_database_url, once) == [1] * JOBS
    ends = "select count(*) from job_events where state->>'status' = 'SUCCEEDED' group by job_id"
    assert await column(writable_database_url, ends) == [1] * JOBS
    assert max(await column(writable_database_url, "select attempts from jobs")) > 1


class Swarm:
    """Workers, each of which is replaced when it is killed."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log
        self.processes: list[ForkedProcess] = []

    async def start(self) -> ForkedProcess:
        with self._log.open("ab") as stderr:
            return await fork_server().start([self._url], {}, stderr.fileno(), module="tests.fast_retry_worker")

    async def kill(self, number: int) -> None:
        self.processes[number].kill()
        await self.processes[number].wait()
        self.processes[number] = await self.start()


@asynccontextmanager
async def swarm(url: str, log: Path) -> AsyncIterator[Swarm]:
    workers = Swarm(url, log)
    try:
        for _ in range(WORKERS):
            workers.processes.append(await workers.start())
        yield workers
    finally:
        for process in workers.processes:
            with suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in workers.processes))
