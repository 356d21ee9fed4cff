"""The outcome of each operation is counted once, whatever its transport: the objective of errors is their ratio."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from server.app import create_app
from server.http.overload import Overload
from server.transport.state import HttpState
from tests.clients import Client, settings_of
from tests.databases import execute
from tests.requests import get, post
from tests.server.test_interruptions import until
from tests.server.test_metrics import samples
from tests.server.test_overload import fill
from tests.servers import running_app
from tests.streams import SSE, WEBSOCKET, StreamServer, socket_of, stream_server

OUTCOMES = ("answered", "failed", "rejected")
BOOKS = "{ books(first: 1) { nodes { title } } }"


async def post_query(server: StreamServer, query: str) -> None:
    await post(server.client, query)


async def get_query(server: StreamServer, query: str) -> None:
    await get(server.client, query)


async def stream_query(server: StreamServer, query: str, transport: str = SSE) -> None:
    async with server.stream(transport, query, user=None) as events:
        async for _ in events:
            pass


async def socket_query(server: StreamServer, query: str) -> None:
    await stream_query(server, query, WEBSOCKET)


async def get_document(server: StreamServer, _query: str) -> None:
    await server.client.http.get(f"/graphql/p/sha256:{'0' * 64}")


async def call_agent_protocol(server: StreamServer, _query: str) -> None:
    await server.client.http.post("/mcp", json={"jsonrpc": "2.0", "id": 1, "method": "ping"})


SENDERS: Mapping[str, Callable[[StreamServer, str], Awaitable[None]]] = {
    sender.__name__: sender
    for sender in (post_query, get_query, stream_query, socket_query, get_document, call_agent_protocol)
}
WITH_QUERY = [name for name in SENDERS if name.endswith("_query")]


async def outcomes_of(server: StreamServer, before: Mapping[str, float]) -> list[float]:
    after = await samples(server.client)
    names = [f'shinjp_operations_total{{outcome="{outcome}"}}' for outcome in OUTCOMES]
    return [after[name] - before[name] for name in names]


async def expect_outcome(server: StreamServer, sender: str, query: str, outcome: str) -> None:
    before = await samples(server.client)
    await SENDERS[sender](server, query)

    async def is_counted() -> bool:
        # An operation of a socket ends after its last message.
        return any(await outcomes_of(server, before))

    await until(is_counted)
    assert await outcomes_of(server, before) == [float(outcome == one) for one in OUTCOMES], sender


async def test_operations_have_one_outcome(writable_database_url: str) -> None:
    async with stream_server(writable_database_url, None, cache="off", mcp="on") as server:
        for sender in SENDERS:
            await expect_outcome(server, sender, BOOKS, "answered")
        for sender in WITH_QUERY:
            await expect_outcome(server, sender, '{ node(id: "x") { id } }', "answered")
        await execute(writable_database_url, "alter table books rename column title to former_title")
        for sender in WITH_QUERY:
            await expect_outcome(server, sender, BOOKS, "failed")
        before = await samples(server.client)
        for path in ("/healthz", "/exports/cards.csv", "/nowhere", "/graphiql"):
            await server.client.http.get(path)
        preflight = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
        assert (await server.client.http.options("/graphql", headers=preflight)).status_code == 200
        assert await outcomes_of(server, before) == [0, 0, 0]


async def test_socket_that_cannot_be_opened_has_failed(writable_database_url: str) -> None:
    """Its operations are not received. A socket without a valid token has not failed."""
    async with stream_server(writable_database_url, None) as server:
        before = await samples(server.client)
        with pytest.raises(ConnectionClosed):
            async with socket_of(server.address, "invalid"):
                pass
        await execute(writable_database_url, "alter table users rename to former_users")
        with pytest.raises(ConnectionClosed):
            async with socket_of(server.address, server.client.token("new learner")):
                pass

        async def is_counted() -> bool:
            return any(await outcomes_of(server, before))

        await until(is_counted)
        assert await outcomes_of(server, before) == [0, 1, 0]


async def test_rejected_operations_are_errors_of_their_route(content_database_url: str) -> None:
    settings, http = settings_of(content_database_url, None, mcp="on", max_running_operations=8), HttpState()
    app = create_app(settings, http)
    async with (
        running_app(app, http) as running,
        httpx.AsyncClient(base_url=f"http://{running.address}", timeout=60) as client,
        AsyncExitStack() as operations,
    ):
        server = StreamServer(running.address, Client(client, settings), app)
        early = http.early_rejections
        assert isinstance(early, Overload)
        await fill(early._admission, operations)
        rejected_before = await samples(server.client)
        for sender in ("post_query", "get_query", "get_document", "call_agent_protocol", "socket_query"):
            await expect_outcome(server, sender, BOOKS, "rejected")
        after = await samples(server.client)
        labels = 'http_request_method="{}",http_response_status_code="503",http_route="{}"'
        for method, route in (
            ("POST", "/graphql"),
            ("GET", "/graphql"),
            ("GET", "/graphql/p/{document_id}"),
            ("POST", "/mcp"),
        ):
            name = f"http_server_request_duration_seconds_count{{{labels.format(method, route)}}}"
            assert after[name] - rejected_before.get(name, 0) == 1, route
        name = 'shinjp_errors_total{code="SERVICE_UNAVAILABLE"}'
        assert after[name] - rejected_before[name] == 5
