"""The list of the viewer's jobs."""

from typing import Any

from db.core.database import owner_connection
from domain.enums import JobKind
from tests.clients import Client
from tests.resolvers.test_managed_jobs import insert

JOBS = """
    query ($kinds: [JobKind!], $status: JobStatus) { viewer { jobs(first: 10, kinds: $kinds, status: $status) {
        totalCount nodes { kind status }
    } } }
"""


async def listed(client: Client, **filter: Any) -> list[tuple[str, str]]:
    jobs = (await client.run(JOBS, filter, user="demo")).data["viewer"]["jobs"]
    assert jobs["totalCount"] == len(jobs["nodes"])
    return [(job["kind"], job["status"]) for job in jobs["nodes"]]


async def test_list_is_filtered_by_kinds_and_status(writable: Client, writable_database_url: str) -> None:
    async with owner_connection(writable_database_url) as connection:
        await insert(connection, "demo", "FAILED")
        await insert(connection, "demo", "QUEUED", JobKind.ANALYZE_TEXT)
        await insert(connection, "demo", "QUEUED", JobKind.FIT_PARAMETERS)
        await insert(connection, "editor", "FAILED")
    assert await listed(writable, kinds=["EXPORT", "EXPORT"]) == [("EXPORT", "FAILED")]
    kinds = ["EXPORT", "ANALYZE_TEXT"]
    assert await listed(writable, kinds=kinds) == [("ANALYZE_TEXT", "QUEUED"), ("EXPORT", "FAILED")]
    assert await listed(writable, kinds=kinds, status="QUEUED") == [("ANALYZE_TEXT", "QUEUED")]
    assert await listed(writable, kinds=[]) == []
    assert len(await listed(writable)) == 3
