"""Slow clients get the latest state, the number of merged events, and always the end."""

import asyncio

import pytest

from db.core.database import owner_connection
from domain.ids import parse_global_id
from tests.server.stream_servers import learner, server
from tests.streams import COMPLETE, JOB_STATUS, TRANSPORTS, StreamServer, following
from tests.workers import generate

__all__ = ["learner", "server"]

CHANGES = 300

# Long, so that they fill the buffers between server and client.
CHANGE = """
    with changed as (
        update jobs set message = repeat('x', 60000), completed_steps = completed_steps + 1
        where id = $1 returning *
    )
    insert into job_events (job_id, user_id, at, state) select id, user_id, now(), to_jsonb(changed) from changed
"""
END = """
    with changed as (update jobs set status = 'SUCCEEDED', finished_at = now() where id = $1 returning *)
    insert into job_events (job_id, user_id, at, state) select id, user_id, now(), to_jsonb(changed) from changed
"""


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_slow_consumer_gets_merged_events(
    server: StreamServer, shared_database_url: str, learner: str, transport: str
) -> None:
    _, job = await generate(server.client, user=learner)
    _, key = parse_global_id(job)
    async with server.stream(transport, JOB_STATUS, {"id": job}, user=learner, slow=True) as events:
        assert (await following(events))["status"] == "QUEUED"
        async with owner_connection(shared_database_url) as owner:
            for _ in range(CHANGES):
                await owner.execute(CHANGE, key)
            await owner.execute(END, key)
        async with asyncio.timeout(30):
            seen = [event async for event in events]
    assert seen.pop() == COMPLETE
    assert seen[-1].data["jobStatus"]["status"] == "SUCCEEDED"
    merged = sum((event.body or {}).get("extensions", {}).get("merged", 0) for event in seen)
    assert len(seen) + merged == CHANGES + 1
    assert merged > 50
    steps = [event.data["jobStatus"]["completedSteps"] for event in seen]
    assert steps == sorted(steps)
