"""Workers in the test's process, on real databases."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from redis.asyncio import Redis

from common.storage import DirectoryStorage
from common.tracing.collector import TraceCollector
from db.core.database import open_database, owner_connection
from db.notify.listener import open_listener
from domain.enums import JobKind
from domain.ids import JobId, parse_global_id_as
from domain.jobs import POLICIES, TERMINAL, JobPolicy
from jobs.attempts import Work
from jobs.export_files import ExportFiles
from jobs.exports import write_export
from jobs.textbooks.dictionary_generator import DictionaryCache, DictionaryGenerator
from jobs.textbooks.generate_textbook import generate_textbook
from jobs.textbooks.generator import Generator
from jobs.worker import Worker
from server.settings import Settings
from tests.databases import execute

if TYPE_CHECKING:
    # Not imported by worker processes, which need no GraphQL schema.
    from tests.clients import Client

# Attempts follow each other immediately, and a dead worker is detected soon.
FAST_RETRIES = {
    kind: JobPolicy(
        max_attempts=policy.max_attempts,
        first_retry=timedelta(milliseconds=20),
        max_concurrent=policy.max_concurrent,
        max_concurrent_per_user=policy.max_concurrent_per_user,
        priority=policy.priority,
    )
    for kind, policy in POLICIES.items()
}
# Long, so that no job is retried because a busy machine delays a heartbeat.
HEARTBEAT = timedelta(seconds=30)

GENERATE = """
    mutation ($input: GenerateTextbookInput!) {
        generateTextbook(input: $input) {
            textbook { id title status isPublic topics chapterCount job { id } }
            job { id kind status progress completedSteps totalSteps attempts maxAttempts error { code } }
            errors { code message path }
        }
    }
"""
JOB = """
    query ($id: ID!) {
        node(id: $id) { ... on Job {
            status progress completedSteps totalSteps message attempts startedAt finishedAt
            error { code message retryable } result { __typename ... on Textbook { id chapterCount } }
            subject { ... on Textbook { id } } warnings { code message }
        } }
    }
"""


def generator_work(generator: Generator) -> Mapping[JobKind, Work]:
    return {JobKind.GENERATE_TEXTBOOK: partial(generate_textbook, generator=generator)}


def export_files(directory: Path, *, max_bytes_per_user: int | None = None, **limits: int) -> ExportFiles:
    """Export files with the default limits and these changes."""
    settings = Settings.load()
    quota = settings.export_quota()
    if max_bytes_per_user is not None:
        quota = replace(quota, max_bytes_per_user=max_bytes_per_user)
    storage = settings.export_storage()
    assert isinstance(storage, DirectoryStorage)
    return ExportFiles(replace(storage, directory=directory, limits=replace(storage.limits, **limits)), quota)


def export_work(directory: Path, **limits: int) -> Mapping[JobKind, Work]:
    return {JobKind.EXPORT: partial(write_export, files=export_files(directory, **limits))}


@asynccontextmanager
async def running_worker(
    database_url: str,
    work: Mapping[JobKind, Work] | None = None,
    *,
    dictionary: DictionaryCache | None = None,
    policies: Mapping[JobKind, JobPolicy] = FAST_RETRIES,
    heartbeat: timedelta = HEARTBEAT,
    traces: TraceCollector | None = None,
) -> AsyncIterator[Worker]:
    """Runs a worker, and stops it at exit. Without `work` it generates textbooks from the dictionary, by default that
    of the database."""
    async with open_database(database_url, min_size=1, max_size=10) as database, open_listener(database_url) as changes:
        done = work or generator_work(DictionaryGenerator(dictionary or DictionaryCache(database)))
        worker = Worker(database, changes, done, policies, heartbeat, 10, traces or TraceCollector())
        stopping = asyncio.Event()
        running = asyncio.create_task(worker.run(database_url, stopping))
        try:
            yield worker
        finally:
            stopping.set()
            async with asyncio.timeout(60):
                await running


def textbook_input(**changes: Any) -> dict[str, Any]:
    """A valid input of generateTextbook, with these changes."""
    right = {"title": "Travels", "jlptLevel": "N5", "topics": ["travel", "food"], "numberOfChapters": 3}
    return {"input": right | changes}


async def generate(client: "Client", *, user: str = "demo", **changes: Any) -> tuple[str, str]:
    """Requests a textbook, regardless of the rate limit; returns the global ids of the textbook and its job."""
    await forget_rate_limits(client)
    answered = (await client.run(GENERATE, textbook_input(**changes), user=user)).data["generateTextbook"]
    assert answered["errors"] == []
    return answered["textbook"]["id"], answered["job"]["id"]


async def forget_rate_limits(client: "Client") -> None:
    """Resets rate limits in Redis, which tests share, and in the database, by making all jobs older."""
    assert client.settings.database_url is not None
    await execute(client.settings.database_url, "update jobs set created_at = created_at - interval '1 hour'")
    if client.settings.redis_url is not None:
        async with Redis.from_url(client.settings.redis_url) as redis:
            async for key in redis.scan_iter("shinjp:rate:*"):
                await redis.delete(key)


async def until(database_url: str, job: str, *statuses: str, steps: int = 0, seconds: float = 60) -> dict[str, Any]:
    """Waits until a job has one of these statuses, by default a terminal one, and this number of completed steps;
    returns its row."""
    expected = statuses or tuple(TERMINAL)
    async with owner_connection(database_url) as connection, asyncio.timeout(seconds):
        notified = asyncio.Event()
        await connection.add_listener("changes", lambda *_: notified.set())
        while True:
            notified.clear()
            row = await connection.fetchrow("select * from jobs where id = $1", id_of(job))
            assert row is not None
            if row["status"] in expected and row["completed_steps"] >= steps:
                return dict(row)
            await notified.wait()


def id_of(job: str) -> JobId:
    return parse_global_id_as(JobId, job)
