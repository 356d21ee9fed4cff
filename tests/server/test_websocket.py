"""The protocol `graphql-transport-ws`: responses, and close codes."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.observability.error_log import limit_counts
from tests.streams import DASHBOARD, MY_JOBS, StreamServer, socket_of, stream_server

PROTOCOL = [Subprotocol("graphql-transport-ws")]
INIT = {"type": "connection_init"}


@pytest.fixture(scope="module")
async def server(content_database_url: str, redis_url: str) -> AsyncIterator[StreamServer]:
    settings = {"ws_init_timeout_seconds": 0.5, "max_streams_per_socket": 3, "max_body_bytes": 5_000}
    async with stream_server(content_database_url, redis_url, **settings) as server:
        yield server


async def ask(socket: ClientConnection, message: object) -> dict[str, Any]:
    """Sends a message, and returns the next one received."""
    await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
    async with asyncio.timeout(60):
        answer: dict[str, Any] = json.loads(await socket.recv())
    return answer


def subscribe(query: str, id: str = "1", **payload: object) -> dict[str, Any]:
    return {"type": "subscribe", "id": id, "payload": {"query": query, **payload}}


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason with which the server closes the socket."""
    async with asyncio.timeout(60):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_queries_and_mutations_are_answered_and_completed(server: StreamServer) -> None:
    async with socket_of(server.address, server.client.token("demo")) as socket:
        query = "query Q($first: Int) { viewer { user { displayName } cards(first: $first) { nodes { id } } } }"
        answered = await ask(socket, subscribe(query, variables={"first": 1}, operationName="Q"))
        assert (answered["type"], answered["id"]) == ("next", "1")
        assert len(answered["payload"]["data"]["viewer"]["cards"]["nodes"]) == 1
        assert json.loads(await socket.recv()) == {"type": "complete", "id": "1"}
        mutation = 'mutation { undoReviews(input: {reviewIds: ["x"]}) { errors { code } } }'
        answered = await ask(socket, subscribe(mutation))
        assert answered["payload"]["data"] == {"undoReviews": {"errors": [{"code": "INVALID"}]}}
        assert json.loads(await socket.recv())["type"] == "complete"


async def test_anonymous_client_may_query(server: StreamServer) -> None:
    async with socket_of(server.address, None) as socket:
        answered = await ask(socket, subscribe("{ viewer { email } books(first: 1) { nodes { title } } }"))
        assert answered["payload"]["data"]["viewer"] is None


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nothing }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { viewer { email } }", "operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query A { viewer { email } } query B { viewer { email } }"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query ($id: ID!) { node(id: $id) { id } }"}, "BAD_USER_INPUT"),
        ({"query": "{ " + " ".join(f"a{n}: viewer {{ email }}" for n in range(60)) + " }"}, "OPERATION_TOO_COMPLEX"),
        ({"query": "subscription { a: myJobs { id } b: myJobs { id } }"}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_failed_operation_does_not_close_the_socket(server: StreamServer, payload: Any, code: str) -> None:
    async with socket_of(server.address, None) as socket:
        answered = await ask(socket, {"type": "subscribe", "id": "bad", "payload": payload})
        assert (answered["type"], answered["id"]) == ("error", "bad")
        [error] = answered["payload"]
        assert error["extensions"]["code"] == code
        assert error["extensions"]["requestId"]
        # The socket is open, and the id is free again.
        assert (await ask(socket, subscribe("{ __typename }", "bad")))["type"] == "next"


@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "null", "[]", '"x"', "1", "{}", '{"type": 1}', '{"type": "start"}', "\x00", b"\xff"),
        '{"type": "subscribe", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        json.dumps({"type": "subscribe", "id": "x" * 129, "payload": {"query": "{ __typename }"}}),
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1", "payload": {}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": 1}}',
        '{"type": "ping", "payload": []}',
        "[" * 2_000,
        '{"type": "ping", "payload": {"a": ' + "9" * 5_000 + "}}",
    ],
    ids=lambda message: repr(message)[:50],
)
async def test_invalid_message_closes_the_socket(server: StreamServer, message: str | bytes) -> None:
    async with socket_of(server.address, None) as socket:
        await socket.send(message)
        code, reason = await closed(socket)
        assert code in (4400, 1009)
        assert reason or code == 1009


async def test_pings_are_answered_also_before_the_connection_is_initialised(server: StreamServer) -> None:
    async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as socket:
        assert await ask(socket, {"type": "ping"}) == {"type": "pong"}
        assert await ask(socket, {"type": "ping", "payload": {"a": 1}}) == {"type": "pong", "payload": {"a": 1}}
        await socket.send('{"type": "pong"}')
        assert await ask(socket, INIT) == {"type": "connection_ack"}


async def test_operation_before_connection_init(server: StreamServer) -> None:
    async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as socket:
        await socket.send(json.dumps(subscribe("{ __typename }")))
        assert (await closed(socket))[0] == 4401


async def test_missing_connection_init(server: StreamServer) -> None:
    async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as socket:
        assert (await closed(socket))[0] == 4408


async def test_duplicate_connection_init(server: StreamServer) -> None:
    async with socket_of(server.address, None) as socket:
        await socket.send(json.dumps(INIT))
        assert (await closed(socket))[0] == 4429


@pytest.mark.parametrize("name", ["Authorization", "authorization", "headers"])
async def test_token_is_read_from_connection_init(server: StreamServer, name: str) -> None:
    bearer = f"Bearer {server.client.token('demo')}"
    payload = {"headers": {"authorization": bearer}} if name == "headers" else {name: bearer}
    async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as socket:
        assert await ask(socket, INIT | {"payload": payload}) == {"type": "connection_ack"}
        answered = await ask(socket, subscribe("{ viewer { email } }"))
        assert answered["payload"]["data"]["viewer"]["email"]


async def test_invalid_token(server: StreamServer) -> None:
    async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as socket:
        await socket.send(json.dumps(INIT | {"payload": {"Authorization": "Bearer nonsense"}}))
        assert await closed(socket) == (4403, "Invalid JSON Web Token.")


async def test_two_operations_with_one_id(server: StreamServer) -> None:
    async with socket_of(server.address, server.client.token("demo")) as socket:
        await socket.send(json.dumps(subscribe(MY_JOBS, "a")))
        await socket.send(json.dumps(subscribe(MY_JOBS, "a")))
        assert (await closed(socket))[0] == 4409


async def test_concurrent_operations_are_limited_and_slots_are_released(server: StreamServer) -> None:
    async with socket_of(server.address, server.client.token("demo")) as socket:
        for number in range(3):
            await socket.send(json.dumps(subscribe(MY_JOBS, str(number))))
        answered = await ask(socket, subscribe(MY_JOBS, "3"))
        assert (answered["type"], answered["id"]) == ("error", "3")
        assert answered["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        await socket.send(json.dumps({"type": "complete", "id": "0"}))
        # Completing an unknown or finished operation is not an error.
        await socket.send(json.dumps({"type": "complete", "id": "unknown"}))
        assert (await ask(socket, subscribe("{ __typename }", "3")))["type"] == "next"


@pytest.mark.parametrize("protocols", [["graphql-ws"], ["soap"], None])
async def test_unsupported_subprotocol(server: StreamServer, protocols: Any) -> None:
    async with connect(f"ws://{server.address}/graphql", subprotocols=protocols) as socket:
        assert (await closed(socket))[0] == 4406


@pytest.mark.parametrize(("origin", "may"), [("http://evil.example", False), (None, True), ("self", True)])
async def test_other_origins_may_not_connect(server: StreamServer, origin: str | None, may: bool) -> None:
    named = Origin(f"http://{server.address}" if origin == "self" else origin) if origin else None
    connecting = connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL, origin=named)
    if may:
        async with connecting as socket:
            assert await ask(socket, INIT) == {"type": "connection_ack"}
    else:
        with pytest.raises(InvalidStatus, match="403"):
            await connecting


async def test_socket_without_operations_is_closed(content_database_url: str, redis_url: str) -> None:
    idle = {"ws_idle_seconds": 0.5, "ws_anonymous_idle_seconds": 0.5}
    async with (
        stream_server(content_database_url, redis_url, **idle) as server,
        socket_of(server.address, server.client.token("demo")) as busy,
        socket_of(server.address, server.client.token("demo")) as signed_in,
        socket_of(server.address, None) as anonymous,
    ):
        assert (await ask(busy, subscribe(DASHBOARD)))["type"] == "next"
        for socket in (signed_in, anonymous):
            assert (await ask(socket, subscribe("{ __typename }")))["type"] == "next"
            assert json.loads(await socket.recv())["type"] == "complete"
            # It is no operation.
            assert (await ask(socket, {"type": "ping"}))["type"] == "pong"
        for socket in (signed_in, anonymous):
            assert (await closed(socket))[0] == 4410
        assert (await ask(busy, {"type": "ping"}))["type"] == "pong"


async def test_sockets_of_a_viewer_are_limited(content_database_url: str, redis_url: str) -> None:
    async with stream_server(content_database_url, redis_url, max_sockets_per_learner=2) as server:

        def connecting(user: str | None) -> AbstractAsyncContextManager[ClientConnection]:
            return socket_of(server.address, None if user is None else server.client.token(user))

        before = limit_counts()["MAX_SOCKETS_PER_LEARNER"]
        async with connecting("demo") as busy, connecting("demo") as silent:
            assert (await ask(busy, subscribe(DASHBOARD)))["type"] == "next"
            # Only the one without operations is evicted, and others are not affected.
            async with connecting("demo") as other, connecting("editor"), connecting(None):
                assert (await closed(silent))[0] == 4410
                assert (await ask(other, subscribe(DASHBOARD)))["type"] == "next"
                async with connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL) as refused:
                    token = {"Authorization": f"Bearer {server.client.token('demo')}"}
                    await refused.send(json.dumps(INIT | {"payload": token}))
                    assert await closed(refused) == (1013, "Limit of 2 open sockets reached; close one first.")
                assert limit_counts()["MAX_SOCKETS_PER_LEARNER"] == before + 2
            # A closed socket counts no longer.
            async with asyncio.timeout(60):
                while True:
                    try:
                        async with connecting("demo") as again:
                            assert (await ask(again, subscribe(DASHBOARD)))["type"] == "next"
                        break
                    except ConnectionClosed:
                        await asyncio.sleep(0.05)
            assert (await ask(busy, {"type": "ping"}))["type"] == "pong"


async def test_sockets_and_streams_of_an_address_behind_a_proxy_are_limited(
    content_database_url: str, redis_url: str
) -> None:
    settings = {"max_connections_per_address": 2, "trusted_proxies": ("127.0.0.1",)}
    async with stream_server(content_database_url, redis_url, **settings) as server:

        def connecting(address: str | None) -> connect:
            headers = {} if address is None else {"X-Forwarded-For": address}
            return connect(f"ws://{server.address}/graphql", subprotocols=PROTOCOL, additional_headers=headers)

        headers = {"X-Forwarded-For": "192.0.2.1", "Accept": "text/event-stream"}
        headers["Authorization"] = f"Bearer {server.client.token('demo')}"
        operation = {"query": DASHBOARD}
        http = server.client.http
        async with (
            connecting("192.0.2.1") as first,
            http.stream("POST", "/graphql", json=operation, headers=headers) as stream,
        ):
            assert stream.status_code == 200
            with pytest.raises(InvalidStatus) as refused:
                await connecting("192.0.2.1")
            assert refused.value.response.status_code == 429
            errors = [
                json.loads(refused.value.response.body)["errors"],
                (await http.post("/graphql", json=operation, headers=headers)).json()["errors"],
            ]
            for [error] in errors:
                assert error["extensions"]["limit"] == "MAX_CONNECTIONS_PER_ADDRESS"
            async with connecting("192.0.2.2") as other:
                assert await ask(other, INIT) == {"type": "connection_ack"}
            # The proxy's own address is shared by many clients.
            async with connecting(None), connecting(None), connecting(None) as shared:
                assert await ask(shared, INIT) == {"type": "connection_ack"}
            await first.close()
            async with asyncio.timeout(60):
                while True:
                    try:
                        async with connecting("192.0.2.1") as again:
                            assert await ask(again, INIT) == {"type": "connection_ack"}
                        break
                    except InvalidStatus:
                        await asyncio.sleep(0.05)
