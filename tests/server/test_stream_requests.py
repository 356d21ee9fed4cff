"""The exact requests and responses of clients that accept streams over HTTP."""

import asyncio
import json
from functools import partial
from typing import Any

import pytest

from tests.server.stream_servers import server
from tests.streams import (
    ACCEPT,
    COMPLETE,
    DASHBOARD,
    MULTIPART,
    MY_JOBS,
    SSE,
    StreamServer,
    multipart_events,
    sse_events,
)

__all__ = ["server"]


async def test_request_as_sent_by_urql(server: StreamServer) -> None:
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


async def test_query_as_a_stream_of_one_event(server: StreamServer) -> None:
    async with server.stream(SSE, "{ viewer { email } }") as events:
        assert (await anext(events)).data["viewer"]["email"]
        assert await anext(events) == COMPLETE


@pytest.mark.parametrize("transport", [SSE, MULTIPART])
async def test_head_of_a_stream_does_not_start_it(server: StreamServer, transport: str) -> None:
    headers = {"Accept": ACCEPT[transport], "Authorization": f"Bearer {server.client.token('demo')}"}
    async with asyncio.timeout(10):
        answered = await server.client.http.head("/graphql", params={"query": DASHBOARD}, headers=headers)
    assert (answered.status_code, answered.content) == (200, b"")
    assert answered.headers["content-type"].startswith(ACCEPT[transport].partition(",")[0].partition(";")[0])


async def test_apollos_accept_for_a_query_is_answered_as_json(server: StreamServer) -> None:
    answered = await server.client.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"Accept": ACCEPT[MULTIPART]}
    )
    assert answered.headers["content-type"] == "application/json; charset=utf-8"
    assert answered.json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("accept", ["application/json", "*/*", "text/event-stream;q=0", None])
async def test_unacceptable_media_type_is_explained(server: StreamServer, accept: str | None) -> None:
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
    server: StreamServer, operation: dict[str, Any], code: str, method: str, transport: str
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
async def test_malformed_request_is_rejected_with_a_status(server: StreamServer, accept: str) -> None:
    post = partial(server.client.http.post, "/graphql")
    json_type, headers = {"Content-Type": "application/json"}, {"Accept": accept}
    for content, more, status in ((b"{", json_type, 400), (b"{}", json_type, 400), (b"{}", {}, 415)):
        answered = await post(content=content, headers=headers | more)
        assert answered.status_code == status
        assert answered.json()["errors"]


async def test_errors_are_json_if_json_is_accepted(server: StreamServer) -> None:
    headers = {"Accept": "text/event-stream, application/graphql-response+json"}
    answered = await server.client.http.post("/graphql", json={"query": "subscription { x }"}, headers=headers)
    assert answered.status_code == 400
    assert answered.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert "data" not in answered.json()


async def test_subscription_by_get(server: StreamServer) -> None:
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {server.client.token('demo')}"}
    parameters = {"query": 'subscription { jobStatus(id: "x") { id } }'}
    answered = await server.client.http.get("/graphql", params=parameters, headers=headers)
    assert answered.text.endswith("event: complete\ndata:\n\n")
    mutation = {"query": 'mutation { cancelJob(input: {id: "x"}) { job { id } } }'}
    assert (await server.client.http.get("/graphql", params=mutation, headers=headers)).status_code == 405


async def test_keep_alives(server: StreamServer) -> None:
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
