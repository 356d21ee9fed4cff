"""Clients of subscriptions, one for each transport, which yield the same events."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from server.app import create_app
from server.process import build_http_state
from server.settings import Settings
from tests.clients import Client, settings_of
from tests.servers import app_address

SSE, MULTIPART, WEBSOCKET = "server-sent events", "multipart", "WebSocket"
TRANSPORTS = (SSE, MULTIPART, WEBSOCKET)
ACCEPT = {
    SSE: "text/event-stream",
    # Like Apollo Client.
    MULTIPART: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json',
}

JOB_STATUS = """
    subscription ($id: ID!) { jobStatus(id: $id) { id status progress completedSteps attempts message error { code } } }
"""
MY_JOBS = "subscription { myJobs { id status progress } }"
DASHBOARD = "subscription { dashboardUpdated { reviewsToday dueNow } }"


@dataclass(frozen=True)
class Event:
    """`body`: the payload; None if the stream is complete. `id`: the event id of SSE."""

    body: dict[str, Any] | None
    id: str | None = None

    @property
    def data(self) -> Any:
        assert self.body is not None
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[str]:
        return [error["extensions"]["code"] for error in (self.body or {}).get("errors", ())]


COMPLETE = Event(None)
# The receive buffer of a client that does not read.
NARROW = (socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
Events = AsyncGenerator[Event, None]


@dataclass
class StreamServer:
    """A server on a real socket, and its application state."""

    address: str
    client: Client
    app: Any

    @asynccontextmanager
    async def stream(
        self,
        transport: str,
        query: str,
        variables: dict[str, Any] | None = None,
        *,
        user: str | None = "demo",
        last_event_id: str | None = None,
        slow: bool = False,
        extensions: dict[str, Any] | None = None,
    ) -> AsyncIterator[Events]:
        """Yields events until COMPLETE. An interrupted stream just ends. `slow`: use a small receive buffer."""
        token = None if user is None else self.client.token(user)
        async with stream(
            self.address, transport, query, variables, token, last_event_id, slow=slow, extensions=extensions
        ) as events:
            yield events

    @property
    def streams(self) -> int:
        number: int = self.app.state.subscriptions.count
        return number


@asynccontextmanager
async def stream(
    address: str,
    transport: str,
    query: str,
    variables: dict[str, Any] | None = None,
    token: str | None = None,
    last_event_id: str | None = None,
    *,
    slow: bool = False,
    extensions: dict[str, Any] | None = None,
) -> AsyncIterator[Events]:
    operation = {"query": query, "variables": variables or {}, "extensions": extensions}
    async with AsyncExitStack() as stack:
        if transport == WEBSOCKET:
            options = {"sock": _narrow_socket(address)} if slow else {}
            web_socket = await stack.enter_async_context(socket_of(address, token, **options))
            events = websocket_events(web_socket, operation)
        else:
            headers = {"Accept": ACCEPT[transport]}
            if token is not None:
                headers["Authorization"] = f"Bearer {token}"
            if last_event_id is not None:
                headers["Last-Event-ID"] = last_event_id
            wire = httpx.AsyncHTTPTransport(socket_options=[NARROW] if slow else None)
            http = await stack.enter_async_context(httpx.AsyncClient(timeout=60, transport=wire))
            url = f"http://{address}/graphql"
            response = await stack.enter_async_context(http.stream("POST", url, json=operation, headers=headers))
            assert response.status_code == 200, await response.aread()
            events = sse_events(response) if transport == SSE else multipart_events(response)
        yield await stack.enter_async_context(aclosing(events))


def _narrow_socket(address: str) -> socket.socket:
    host, _, port = address.partition(":")
    narrow = socket.socket()
    narrow.setsockopt(*NARROW)
    narrow.connect((host, int(port)))
    narrow.setblocking(False)
    return narrow


@asynccontextmanager
async def socket_of(address: str, token: str | None, **options: Any) -> AsyncIterator[ClientConnection]:
    """A WebSocket after connection_ack."""
    async with connect(f"ws://{address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")], **options) as ws:
        payload = {} if token is None else {"Authorization": f"Bearer {token}"}
        await ws.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(await ws.recv()) == {"type": "connection_ack"}
        yield ws


async def websocket_events(web_socket: ClientConnection, operation: dict[str, Any], id: str = "1") -> Events:
    await web_socket.send(json.dumps({"type": "subscribe", "id": id, "payload": operation}))
    async for text in web_socket:
        message = json.loads(text)
        assert message.get("id") == id
        if message["type"] == "complete":
            yield COMPLETE
            return
        if message["type"] == "error":
            yield Event({"errors": message["payload"]})
            return
        assert message["type"] == "next"
        yield Event(message["payload"])


async def sse_events(response: httpx.Response) -> Events:
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        elif "event" in fields:
            complete = fields["event"] == "complete"
            yield COMPLETE if complete else Event(json.loads(fields["data"]), fields.get("id"))
            fields = {}
            if complete:
                return


async def multipart_events(response: httpx.Response) -> Events:
    assert response.headers["content-type"] == 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0"'
    received = b""
    async for chunk in response.aiter_bytes():
        received += chunk
        while b"\r\n--graphql" in received:
            part, received = received.split(b"\r\n--graphql", 1)
            _, _, body = part.partition(b"\r\n\r\n")
            # An empty object is a keep-alive.
            if body not in (b"", b"{}"):
                yield Event(json.loads(body)["payload"])
        if received.startswith(b"--"):
            yield COMPLETE
            return


async def following(events: Events) -> dict[str, object]:
    """The value of the only field of the next event."""
    async with asyncio.timeout(60):
        event = await anext(events)
    found: dict[str, object]
    [found] = event.data.values()
    return found


@asynccontextmanager
async def stream_server(database_url: str, redis_url: str | None, **settings: Any) -> AsyncIterator[StreamServer]:
    configured: Settings = settings_of(database_url, redis_url, **settings)
    http_state = build_http_state(configured)
    app = create_app(configured, http_state)
    serving = app_address(app, http=http_state, ws_max_size=configured.max_body_bytes)
    async with serving as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as http:
        yield StreamServer(address, Client(http, configured), app)
