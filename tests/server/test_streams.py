"""Subscriptions send the current state, then each change in order, then the end, on every transport."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from db.core.database import owner_connection
from domain.ids import parse_global_id
from jobs.textbooks.dictionary_generator import DictionaryCache
from server.auth.claims import CLOCK_SKEW_SECONDS
from server.auth.development_tokens import issue_token
from tests.review_assertions import REVIEW, answer, card_ids
from tests.streams import (
    ACCEPT,
    COMPLETE,
    DASHBOARD,
    JOB_STATUS,
    MULTIPART,
    MY_JOBS,
    SSE,
    TRANSPORTS,
    WEBSOCKET,
    Events,
    StreamServer,
    multipart_events,
    socket_of,
    sse_events,
    stream,
    stream_server,
)
from tests.workers import generate, running_worker, until

LEEWAY = timedelta(seconds=CLOCK_SKEW_SECONDS)


@pytest.fixture(scope="module")
async def server(shared_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    """The server of all tests, whose jobs have different owners."""
    async with stream_server(shared_database_url, redis_url, stream_keepalive_seconds=0.1) as server:
        yield server


@pytest.fixture
def learner(request: pytest.FixtureRequest) -> str:
    """The subject of a new account."""
    return f"learner of {request.node.name}"


async def following(events: Events) -> dict[str, object]:
    """The value of the only field of the next event."""
    async with asyncio.timeout(60):
        event = await anext(events)
    found: dict[str, object]
    [found] = event.data.values()
    return found


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


class TestEnds:
    async def test_expired_token_ends_the_stream(self, server: StreamServer) -> None:
        async def check(transport: str) -> None:
            token = issue_token(server.client.settings, "demo", lifetime=timedelta(seconds=3) - LEEWAY)
            async with stream(server.address, transport, DASHBOARD, token=token) as events:
                assert (await anext(events)).data
                async with asyncio.timeout(60):
                    expired = await anext(events)
                assert expired.codes == ["UNAUTHENTICATED"]
                assert await anext(events) == COMPLETE

        await asyncio.gather(check(SSE), check(MULTIPART))

    async def test_expired_token_closes_the_socket(self, server: StreamServer) -> None:
        token = issue_token(server.client.settings, "demo", lifetime=timedelta(seconds=3) - LEEWAY)
        async with socket_of(server.address, token) as socket, asyncio.timeout(60):
            await socket.wait_closed()
            assert socket.close_code == 4403

    @pytest.mark.parametrize("transport", TRANSPORTS)
    async def test_disconnected_client_ends_the_stream(self, server: StreamServer, transport: str) -> None:
        """All resources are released."""
        watchers = server.app.state.subscriptions

        async def until_none_is_open() -> None:
            async with asyncio.timeout(30):
                while watchers.count:  # noqa: ASYNC110  # there is no event for it
                    await asyncio.sleep(0.005)

        # Of the tests before.
        await until_none_is_open()
        for _ in range(3):
            async with server.stream(transport, DASHBOARD) as events:
                await following(events)
                assert watchers.count == 1
            await until_none_is_open()

    @pytest.mark.parametrize("transport", TRANSPORTS)
    async def test_shutdown_ends_streams(self, content_database_url: str, redis_url: str, transport: str) -> None:
        async with (
            stream_server(content_database_url, redis_url) as server,
            server.stream(transport, DASHBOARD) as events,
        ):
            await following(events)
            server.app.state.subscriptions.close()
            async with asyncio.timeout(30):
                # Without `complete`, so that the client reconnects.
                if transport == WEBSOCKET:
                    with pytest.raises(ConnectionClosedError, match="1012"):
                        await anext(events)
                else:
                    assert [event async for event in events] == []

    async def test_streams_of_a_stopping_server_end_one_after_the_other(
        self, content_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        delays = itertools.cycle((300.0, 0.0))
        monkeypatch.setattr("random.uniform", lambda *_: next(delays))
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(stream_server(content_database_url, redis_url))
            streams = [await stack.enter_async_context(server.stream(SSE, DASHBOARD)) for _ in range(2)]
            for events in streams:
                await following(events)
            server.app.state.subscriptions.close(300)
            ends = {asyncio.create_task(anext(events, None)) for events in streams}
            async with asyncio.timeout(30):
                ended, [still_open] = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            assert [task.result() for task in ended] == [None]
            assert server.streams == 1
            still_open.cancel()
            await asyncio.wait({still_open})

    @pytest.mark.parametrize("transport", TRANSPORTS)
    async def test_stream_ends_at_its_max_lifetime(
        self, content_database_url: str, redis_url: str, transport: str
    ) -> None:
        async with (
            stream_server(content_database_url, redis_url, stream_max_lifetime_seconds=1.5) as server,
            server.stream(transport, DASHBOARD) as events,
        ):
            await following(events)
            async with asyncio.timeout(30):
                if transport == WEBSOCKET:
                    with pytest.raises(ConnectionClosedError, match="1012"):
                        await anext(events)
                else:
                    assert [event async for event in events] == []

    async def test_streams_per_user_are_limited(self, content_database_url: str, redis_url: str) -> None:
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


class TestHttp:
    """The exact requests and responses of clients."""

    async def test_request_as_sent_by_urql(self, server: StreamServer) -> None:
        """It accepts the event stream last, and expects lines that end in LF."""
        accept = (
            "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, "
            "multipart/mixed"
        )
        headers = {"Accept": accept, "Authorization": f"Bearer {server.client.token('demo')}"}
        post = partial(server.client.http.post, "/graphql", headers=headers)
        answered = await post(json={"query": "{ viewer { email } }"})
        assert answered.headers["content-type"] == "application/json; charset=utf-8"
        answered = await post(json={"query": 'subscription { jobStatus(id: "x") { id } }'})
        assert answered.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "\r" not in answered.text
        first, second, third, end = answered.text.split("\n\n")
        assert (first, third, end) == (":", "event: complete\ndata:", "")
        assert second.startswith('event: next\ndata: {"errors":[{"message":')

    async def test_query_as_a_stream_of_one_event(self, server: StreamServer) -> None:
        async with server.stream(SSE, "{ viewer { email } }") as events:
            assert (await anext(events)).data["viewer"]["email"]
            assert await anext(events) == COMPLETE

    async def test_apollos_accept_for_a_query_is_answered_as_json(self, server: StreamServer) -> None:
        answered = await server.client.http.post(
            "/graphql", json={"query": "{ __typename }"}, headers={"Accept": ACCEPT[MULTIPART]}
        )
        assert answered.headers["content-type"] == "application/json; charset=utf-8"
        assert answered.json() == {"data": {"__typename": "Query"}}

    @pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-stream;q=0", None])
    async def test_unacceptable_media_type_is_explained(self, server: StreamServer, accept: str | None) -> None:
        headers = {"Accept": accept} if accept else {"Accept": ""}
        answered = await server.client.http.post("/graphql", json={"query": MY_JOBS}, headers=headers)
        if accept == "text/event-stream;q=0":
            assert answered.status_code == 406
            return
        [error] = answered.json()["errors"]
        assert error["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"
        assert "text/event-stream" in error["message"]

    @pytest.mark.parametrize("transport", [SSE, MULTIPART])
    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize(
        ("operation", "code"),
        [
            ({"query": "subscription {"}, "GRAPHQL_PARSE_FAILED"),
            ({"query": "subscription { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
            ({"query": "mutation { nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
            ({"query": "query A { __typename }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
            ({"query": "query A { __typename } query B { __typename }"}, "OPERATION_RESOLUTION_FAILURE"),
            ({"query": "query ($id: ID!) { node(id: $id) { id } }"}, "BAD_USER_INPUT"),
            ({"query": "{ " + " ".join(f"a{n}: __typename" for n in range(60)) + " }"}, "OPERATION_TOO_COMPLEX"),
            ({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}}, "PERSISTED_QUERY_NOT_FOUND"),
            ({"query": "{ __typename }", "token": "nonsense"}, "UNAUTHENTICATED"),
        ],
    )
    async def test_operation_errors_are_an_event_if_only_a_stream_is_accepted(
        self, server: StreamServer, operation: dict[str, Any], code: str, method: str, transport: str
    ) -> None:
        operation = dict(operation)
        headers = {"Accept": ACCEPT[transport].partition(",")[0]}
        if "token" in operation:
            headers["Authorization"] = f"Bearer {operation.pop('token')}"
        parameters = {name: value if isinstance(value, str) else json.dumps(value) for name, value in operation.items()}
        sent: dict[str, Any] = {"json": operation} if method == "POST" else {"params": parameters}
        http = server.client.http
        async with asyncio.timeout(60), http.stream(method, "/graphql", headers=headers, **sent) as answered:
            assert answered.status_code == 200
            events = sse_events(answered) if transport == SSE else multipart_events(answered)
            [event, complete] = [event async for event in events]
        assert event.codes == [code]
        assert complete == COMPLETE

    @pytest.mark.parametrize("accept", ["text/event-stream", "text/event-stream, application/json;q=0.1"])
    async def test_malformed_request_is_rejected_with_a_status(self, server: StreamServer, accept: str) -> None:
        post = partial(server.client.http.post, "/graphql")
        json_type, headers = {"Content-Type": "application/json"}, {"Accept": accept}
        for content, more, status in ((b"{", json_type, 400), (b"{}", json_type, 400), (b"{}", {}, 415)):
            answered = await post(content=content, headers=headers | more)
            assert answered.status_code == status
            assert answered.json()["errors"]

    async def test_errors_are_json_if_json_is_accepted(self, server: StreamServer) -> None:
        headers = {"Accept": "text/event-stream, application/graphql-response+json"}
        answered = await server.client.http.post("/graphql", json={"query": "subscription { x }"}, headers=headers)
        assert answered.status_code == 400
        assert answered.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
        assert "data" not in answered.json()

    async def test_subscription_by_get(self, server: StreamServer) -> None:
        headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {server.client.token('demo')}"}
        parameters = {"query": 'subscription { jobStatus(id: "x") { id } }'}
        answered = await server.client.http.get("/graphql", params=parameters, headers=headers)
        assert answered.text.endswith("event: complete\ndata:\n\n")
        mutation = {"query": 'mutation { cancelJob(input: {id: "x"}) { job { id } } }'}
        assert (await server.client.http.get("/graphql", params=mutation, headers=headers)).status_code == 405

    async def test_keep_alives(self, server: StreamServer) -> None:
        part = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
        for transport, sign in ((SSE, b":\n\n"), (MULTIPART, part)):
            headers = {"Accept": ACCEPT[transport], "Authorization": f"Bearer {server.client.token('demo')}"}
            received = b""
            async with (
                asyncio.timeout(60),
                server.client.http.stream("POST", "/graphql", json={"query": DASHBOARD}, headers=headers) as response,
            ):
                async for chunk in response.aiter_bytes():
                    received += chunk
                    if received.endswith(sign * 2):
                        break


class TestSlowClients:
    """Slow clients get the latest state, the number of merged events, and always the end."""

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
        self, server: StreamServer, shared_database_url: str, learner: str, transport: str
    ) -> None:
        _, job = await generate(server.client, user=learner)
        _, key = parse_global_id(job)
        async with server.stream(transport, JOB_STATUS, {"id": job}, user=learner, slow=True) as events:
            assert (await following(events))["status"] == "QUEUED"
            async with owner_connection(shared_database_url) as owner:
                for _ in range(self.CHANGES):
                    await owner.execute(self.CHANGE, key)
                await owner.execute(self.END, key)
            async with asyncio.timeout(30):
                seen = [event async for event in events]
        assert seen.pop() == COMPLETE
        assert seen[-1].data["jobStatus"]["status"] == "SUCCEEDED"
        merged = sum((event.body or {}).get("extensions", {}).get("merged", 0) for event in seen)
        assert len(seen) + merged == self.CHANGES + 1
        assert merged > 50
        steps = [event.data["jobStatus"]["completedSteps"] for event in seen]
        assert steps == sorted(steps)
