"""Subscriptions send the current state, then each change in order, then the end, on every transport."""

import asyncio
from functools import partial

import pytest

from jobs.textbooks.dictionary_generator import DictionaryCache
from tests.review_assertions import REVIEW, answer, card_ids
from tests.server.stream_servers import learner, server
from tests.streams import (
    COMPLETE,
    DASHBOARD,
    JOB_STATUS,
    MULTIPART,
    MY_JOBS,
    SSE,
    TRANSPORTS,
    WEBSOCKET,
    StreamServer,
    following,
    stream_server,
)
from tests.workers import generate, running_worker, until

__all__ = ["learner", "server"]


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_job_status_streams_until_the_job_finishes(
    server: StreamServer, shared_database_url: str, dictionary: DictionaryCache, learner: str, transport: str
) -> None:
    _, job = await generate(server.client, user=learner, numberOfChapters=4)
    async with server.stream(transport, JOB_STATUS, {"id": job}, user=learner) as events:
        assert (await following(events))["status"] == "QUEUED"
        async with running_worker(shared_database_url, dictionary=dictionary), asyncio.timeout(30):
            seen = [event async for event in events]
    assert seen.pop() == COMPLETE
    states = [event.data["jobStatus"] for event in seen]
    assert [state["status"] for state in states[:-1]] == ["RUNNING"] * (len(states) - 1)
    assert states[-1] == states[-1] | {"status": "SUCCEEDED", "progress": 1, "completedSteps": 4, "id": job}
    # One event per chapter, in order.
    assert sorted({state["completedSteps"] for state in states}) == [0, 1, 2, 3, 4]
    progress = [state["progress"] for state in states]
    assert progress == sorted(progress)


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_finished_job_has_one_event(
    server: StreamServer, shared_database_url: str, dictionary: DictionaryCache, learner: str, transport: str
) -> None:
    _, job = await generate(server.client, user=learner)
    async with running_worker(shared_database_url, dictionary=dictionary):
        await until(shared_database_url, job)
    async with server.stream(transport, JOB_STATUS, {"id": job}, user=learner) as events:
        assert (await following(events))["status"] == "SUCCEEDED"
        assert await anext(events) == COMPLETE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_job_of_another_user_is_not_found(server: StreamServer, learner: str, transport: str) -> None:
    _, job = await generate(server.client, user=learner)
    for user in ("admin", "editor"):
        async with server.stream(transport, JOB_STATUS, {"id": job}, user=user) as events:
            assert (await anext(events)).codes == ["NOT_FOUND"]
            assert await anext(events) == COMPLETE
    async with server.stream(transport, JOB_STATUS, {"id": job}, user=None) as events:
        assert (await anext(events)).codes == ["UNAUTHENTICATED"]
        assert await anext(events) == COMPLETE


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_my_jobs_streams_all_jobs_of_the_viewer(
    server: StreamServer, shared_database_url: str, dictionary: DictionaryCache, learner: str, transport: str
) -> None:
    _, first = await generate(server.client, user=learner)
    async with server.stream(transport, MY_JOBS, user=learner) as events:
        assert await following(events) == {"id": first, "status": "QUEUED", "progress": 0}
        _, second = await generate(server.client, user=learner)
        await generate(server.client, user=f"another {learner}")
        assert await following(events) == {"id": second, "status": "QUEUED", "progress": 0}
        ended: set[object] = set()
        async with running_worker(shared_database_url, dictionary=dictionary):
            while ended != {first, second}:
                job = await following(events)
                assert job["id"] in (first, second)
                if job["status"] == "SUCCEEDED":
                    ended.add(job["id"])


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_dashboard_updates_after_reviews_from_any_device(
    server: StreamServer, shared_database_url: str, transport: str
) -> None:
    cards = await card_ids(shared_database_url, "demo", 3)
    async with server.stream(transport, DASHBOARD) as events:
        before = await following(events)
        for number, card in enumerate(cards, 1):
            sent = {"input": {"reviews": [answer(card, f"{transport} {number}", 4)]}}
            assert (await server.client.run(REVIEW, sent, user="demo")).data
            now = await following(events)
            assert now["reviewsToday"] == int(str(before["reviewsToday"])) + number


async def test_stream_resumes_after_the_last_event_id(
    server: StreamServer, shared_database_url: str, dictionary: DictionaryCache, learner: str
) -> None:
    _, job = await generate(server.client, user=learner, numberOfChapters=5)
    open_stream = partial(server.stream, SSE, JOB_STATUS, {"id": job}, user=learner)
    async with open_stream() as events:
        first = await anext(events)
    async with running_worker(shared_database_url, dictionary=dictionary):
        await until(shared_database_url, job)
    async with open_stream(last_event_id=first.id) as events:
        rest = [event async for event in events]
    assert rest.pop() == COMPLETE
    assert {event.data["jobStatus"]["completedSteps"] for event in rest} == {0, 1, 2, 3, 4, 5}
    for number, event in enumerate(rest):
        async with open_stream(last_event_id=event.id) as events:
            assert [resumed async for resumed in events] == [*rest[number + 1 :], COMPLETE]
    async with open_stream(last_event_id="nonsense") as events:
        assert [event async for event in events] == [rest[-1], COMPLETE]


async def test_streams_per_user_are_limited(content_database_url: str, redis_url: str) -> None:
    async with (
        stream_server(content_database_url, redis_url, max_streams_per_learner=2) as server,
        server.stream(SSE, DASHBOARD) as first,
        server.stream(WEBSOCKET, DASHBOARD) as second,
    ):
        await following(first)
        await following(second)
        async with server.stream(MULTIPART, DASHBOARD) as third:
            assert (await anext(third)).codes == ["RATE_LIMITED"]
            assert await anext(third) == COMPLETE
        async with server.stream(MULTIPART, DASHBOARD, user="editor") as anothers:
            await following(anothers)
