"""Subscriptions: the state now, then each change in order, then the end; the same over every transport."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.learners import REVIEW, answer, card_ids
from tests.streams import COMPLETE, DASHBOARD, JOB_STATUS, MY_JOBS, SSE, TRANSPORTS, Events, StreamServer, stream_server
from tests.workers import generate, until, working


@pytest.fixture
async def server(writable_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    async with stream_server(writable_database_url, redis_url, stream_pause_seconds=0.1) as server:
        yield server


async def following(events: Events) -> dict[str, object]:
    """What the next event has in its only field."""
    async with asyncio.timeout(20):
        event = await anext(events)
    found: dict[str, object]
    [found] = event.data.values()
    return found


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_job_is_watched_to_its_end(server: StreamServer, writable_database_url: str, transport: str) -> None:
    _, job = await generate(server.client, numberOfChapters=4)
    async with server.stream(transport, JOB_STATUS, {"id": job}) as events:
        assert (await following(events))["status"] == "QUEUED"
        async with working(writable_database_url), asyncio.timeout(30):
            seen = [event async for event in events]
    assert seen.pop() == COMPLETE
    states = [event.data["jobStatus"] for event in seen]
    assert [state["status"] for state in states[:-1]] == ["RUNNING"] * (len(states) - 1)
    assert states[-1] == states[-1] | {"status": "SUCCEEDED", "progress": 1, "completedSteps": 4, "id": job}
    # Each chapter is told of, in order.
    assert sorted({state["completedSteps"] for state in states}) == [0, 1, 2, 3, 4]
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_a_job_that_ended_has_one_event(server: StreamServer, writable_database_url: str, transport: str) -> None:
    _, job = await generate(server.client)
    async with working(writable_database_url):
        await until(writable_database_url, job)
    async with server.stream(transport, JOB_STATUS, {"id": job}) as events:
        assert (await following(events))["status"] == "SUCCEEDED"
        assert await anext(events) == COMPLETE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_nobody_watches_anothers_job(server: StreamServer, transport: str) -> None:
    _, job = await generate(server.client)
    for as_ in ("admin", "editor"):
        async with server.stream(transport, JOB_STATUS, {"id": job}, as_=as_) as events:
            assert (await anext(events)).codes == ["NOT_FOUND"]
            assert await anext(events) == COMPLETE
    async with server.stream(transport, JOB_STATUS, {"id": job}, as_=None) as events:
        assert (await anext(events)).codes == ["UNAUTHENTICATED"]
        assert await anext(events) == COMPLETE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_all_jobs_of_ones_own(server: StreamServer, writable_database_url: str, transport: str) -> None:
    _, first = await generate(server.client)
    async with server.stream(transport, MY_JOBS) as events:
        assert await following(events) == {"id": first, "status": "QUEUED", "progress": 0}
        _, second = await generate(server.client)
        await generate(server.client, as_="editor")
        assert await following(events) == {"id": second, "status": "QUEUED", "progress": 0}
        ended = set()
        async with working(writable_database_url):
            while ended != {first, second}:
                job = await following(events)
                assert job["id"] in (first, second)
                if job["status"] == "SUCCEEDED":
                    ended.add(job["id"])


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_the_dashboard_follows_reviews_from_any_device(
    server: StreamServer, writable_database_url: str, transport: str
) -> None:
    cards = await card_ids(writable_database_url, "demo", 3)
    async with server.stream(transport, DASHBOARD) as events:
        before = await following(events)
        for number, card in enumerate(cards, 1):
            sent = {"input": {"reviews": [answer(card, f"key-{number}", 4)]}}
            assert (await server.client.run(REVIEW, sent, as_="demo")).data
            now = await following(events)
            assert now["reviewsToday"] == int(str(before["reviewsToday"])) + number


async def test_it_goes_on_after_the_event_that_was_seen_last(server: StreamServer, writable_database_url: str) -> None:
    _, job = await generate(server.client, numberOfChapters=5)
    async with server.stream(SSE, JOB_STATUS, {"id": job}) as events:
        first = await anext(events)
    async with working(writable_database_url):
        await until(writable_database_url, job)
    async with server.stream(SSE, JOB_STATUS, {"id": job}, last_event_id=first.id) as events:
        rest = [event async for event in events]
    assert rest.pop() == COMPLETE
    assert {event.data["jobStatus"]["completedSteps"] for event in rest} == {0, 1, 2, 3, 4, 5}
    for number, event in enumerate(rest):
        async with server.stream(SSE, JOB_STATUS, {"id": job}, last_event_id=event.id) as events:
            assert [resumed async for resumed in events] == [*rest[number + 1 :], COMPLETE]
    async with server.stream(SSE, JOB_STATUS, {"id": job}, last_event_id="nonsense") as events:
        assert [event async for event in events] == [rest[-1], COMPLETE]
