"""A textbook is asked for, and its chapters appear."""

from tests.clients import Client, client_of
from tests.databases import column
from tests.workers import GENERATE, JOB, asked, generate, until, working
import pytest
from collections.abc import AsyncIterator


@pytest.fixture
async def writable(writable_database_url: str, redis_url: str) -> AsyncIterator[Client]:
    async with client_of(writable_database_url, redis_url) as client:
        yield client


async def test_it_is_generated(writable: Client, writable_database_url: str) -> None:
    answer = await writable.run(GENERATE, asked(), as_="demo")
    print(answer.body)
    async with working(writable_database_url):
        job = await until(writable_database_url, answer.data["generateTextbook"]["job"]["id"])
    print(job)
    print((await writable.run(JOB, {"id": answer.data["generateTextbook"]["job"]["id"]}, as_="demo")).body)
    print(await column(writable_database_url, "select state from job_events order by id"))
    assert job["status"] == "SUCCEEDED"
