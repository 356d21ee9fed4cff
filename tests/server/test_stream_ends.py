"""When a client of a stream disconnects, its subscription releases all resources before the request ends."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from types import AsyncGeneratorType
from typing import Any
from weakref import WeakSet

import pytest
from starlette.applications import Starlette
from starlette.types import Message, Scope

from db.notify.listener import NotificationListener
from server.app import create_app
from server.auth.development_tokens import issue_token
from tests.clients import settings_of
from tests.notifications import subscriber_count
from tests.streams import ACCEPT, DASHBOARD, MULTIPART, MY_JOBS, SSE, TRANSPORTS, WEBSOCKET

ROOT = Path(__file__).parents[2]
LAYERS = tuple(str(ROOT / layer) for layer in ("server", "resolvers", "db", "engine"))
PAUSE_SECONDS = 0.005
KEEP_ALIVE = {SSE: b":\n\n", MULTIPART: b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"}

# Sends a message; the result is None if the client has disconnected.
Answer = Callable[[int, Message], str | None]


@dataclass
class Application:
    """The application, called without a socket, so that a test knows what it waits for."""

    app: Starlette
    state: dict[str, Any]
    token: str

    @property
    def changes(self) -> NotificationListener:
        changes: NotificationListener = self.state["shinjp"].services.changes
        return changes

    async def run(self, transport: str, query: str, leaves: Callable[["Client"], Any]) -> "Client":
        """Runs the application until the request ends."""
        client = Client(transport, query, self.token)
        leaving = asyncio.ensure_future(leaves(client))
        try:
            async with asyncio.timeout(60):
                await self.app({**client.scope, "state": dict(self.state)}, client.receive, client.send)
        finally:
            leaving.cancel()
        return client


class Client:
    """A client that sends its request, and disconnects on demand."""

    def __init__(self, transport: str, query: str, token: str) -> None:
        self.sent: list[Message] = []
        self.has_left = asyncio.Event()
        self.was_sent = asyncio.Condition()
        self.behaviour: Callable[[Message], str] = lambda _: "reads"
        headers = [(b"host", b"testserver")]
        if transport == WEBSOCKET:
            payload = {"Authorization": f"Bearer {token}"}
            subscribe = {"type": "subscribe", "id": "1", "payload": {"query": query}}
            self._messages: list[Message] = [
                {"type": "websocket.connect"},
                _text({"type": "connection_init", "payload": payload}),
                _text(subscribe),
            ]
            self._gone: Message = {"type": "websocket.disconnect", "code": 1001}
            self.scope: Scope = {"type": "websocket", "subprotocols": ["graphql-transport-ws"], "scheme": "ws"}
        else:
            body = json.dumps({"query": query}).encode()
            self._messages = [{"type": "http.request", "body": body, "more_body": False}]
            self._gone = {"type": "http.disconnect"}
            self.scope = {"type": "http", "method": "POST", "scheme": "http", "http_version": "1.1"}
            headers += [
                (b"content-type", b"application/json"),
                (b"accept", ACCEPT[transport].encode()),
                (b"authorization", f"Bearer {token}".encode()),
            ]
        self.scope |= {
            "path": "/graphql",
            "raw_path": b"/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("testserver", 80),
            "asgi": {"version": "3.0"},
        }

    def say(self, message: Message) -> None:
        self._messages.append(message)

    async def receive(self) -> Message:
        if self._messages:
            return self._messages.pop(0)
        await self.has_left.wait()
        return self._gone

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        async with self.was_sent:
            self.was_sent.notify_all()
        behaviour = self.behaviour(message)
        if behaviour == "reads":
            return
        self.has_left.set()
        is_answer = message["type"].startswith("websocket") and "connection_ack" in message.get("text", "")
        if behaviour == "hangs" and not is_answer:
            await asyncio.Event().wait()
        if message["type"].startswith("websocket"):
            # Like uvicorn, which drops data sent to a disconnected HTTP client.
            raise OSError

    async def until_sent(self, is_it: Callable[[Message], bool]) -> None:
        async with self.was_sent:
            await self.was_sent.wait_for(lambda: any(map(is_it, self.sent)))


def _text(message: dict[str, Any]) -> Message:
    return {"type": "websocket.receive", "text": json.dumps(message)}


@pytest.fixture
async def application(content_database_url: str, redis_url: str) -> AsyncIterator[Application]:
    settings = settings_of(content_database_url, redis_url, stream_keepalive_seconds=PAUSE_SECONDS)
    app = create_app(settings)
    async with app.router.lifespan_context(app) as state:
        yield Application(app, dict(state or {}), issue_token(settings, "demo"))


def open_generators() -> set[int]:
    """The project's asynchronous generators that have started and are neither finished nor closed."""
    # The event loop registers each generator at its first iteration. Scanning all objects takes 50 times as long.
    loop: Any = asyncio.get_running_loop()
    started: WeakSet[AsyncGeneratorType[Any, Any]] = loop._asyncgens
    return {
        id(found) for found in started if found.ag_frame is not None and found.ag_code.co_filename.startswith(LAYERS)
    }


@pytest.fixture
async def assert_released(application: Application, caplog: pytest.LogCaptureFixture) -> Callable[[], None]:
    before, tasks = open_generators(), asyncio.all_tasks()

    def check() -> None:
        assert subscriber_count(application.changes) == 0
        assert application.app.state.subscriptions.count == 0
        assert open_generators() <= before
        assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
        left = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks() - tasks if not task.done()]
        assert not set(left) & {"Connection._run", "StreamingResponse._send", "left", "_wrap_awaitable"}

    return check


def is_next(message: Message) -> bool:
    content = message.get("body", b"") + (message.get("text") or "").encode()
    return b"dashboardUpdated" in content


@pytest.mark.parametrize("behaviour", ["has gone", "hangs", "reads"])
@pytest.mark.parametrize(
    ("transport", "point"),
    [
        *((transport, point) for transport in TRANSPORTS for point in ("headers", "event")),
        # On WebSockets the server, not the application, sends pings.
        *((transport, "keep-alive") for transport in (SSE, MULTIPART)),
    ],
)
async def test_client_disconnects_while_a_message_is_sent(
    application: Application, assert_released: Callable[[], None], transport: str, point: str, behaviour: str
) -> None:
    """`has gone`: sending fails. `hangs`: sending does not end. `reads`: the client disconnects afterwards."""

    def is_it(message: Message) -> bool:
        if point == "headers":
            return message["type"] == "http.response.start" or "connection_ack" in (message.get("text") or "")
        if point == "event":
            return is_next(message)
        return message.get("body") == KEEP_ALIVE[transport] and any(map(is_next, client.sent))

    client: Client

    async def leave(this: Client) -> None:
        nonlocal client
        client = this
        this.behaviour = lambda message: behaviour if is_it(message) else "reads"
        await this.until_sent(is_it)
        this.has_left.set()

    await application.run(transport, DASHBOARD, leave)
    assert any(map(is_it, client.sent))
    assert_released()


@pytest.mark.parametrize("query", [DASHBOARD, MY_JOBS], ids=["dashboardUpdated", "myJobs"])
@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_client_disconnects_after_any_number_of_event_loop_iterations(
    application: Application, assert_released: Callable[[], None], transport: str, query: str
) -> None:
    for turns in (*range(60), 100, 200, 400):

        async def leave(client: Client, turns: int = turns) -> None:
            for _ in range(turns):
                await asyncio.sleep(0)
            client.has_left.set()

        await application.run(transport, query, leave)
        assert_released()


@pytest.mark.parametrize("transport", [SSE, MULTIPART])
async def test_request_is_cancelled_while_a_stream_runs(
    application: Application, assert_released: Callable[[], None], transport: str
) -> None:
    """As by a server whose shutdown time-out has passed, even twice."""
    before = open_generators()
    for times in (1, 2, 3):
        client = Client(transport, DASHBOARD, application.token)
        scope = {**client.scope, "state": dict(application.state)}
        request = asyncio.ensure_future(application.app(scope, client.receive, client.send))
        async with asyncio.timeout(60):
            await client.until_sent(is_next)
            assert len(open_generators()) > len(before)
            for _ in range(times):
                request.cancel()
                await asyncio.sleep(0)
            await asyncio.wait({request})
        assert request.cancelled()
        assert_released()


async def test_operation_that_was_completed_ends_with_its_socket(
    application: Application, assert_released: Callable[[], None]
) -> None:
    """Its id is free immediately; the operation ends before the socket."""

    async def complete_and_leave(client: Client) -> None:
        await client.until_sent(is_next)
        client.say(_text({"type": "complete", "id": "1"}))
        client.has_left.set()

    await application.run(WEBSOCKET, DASHBOARD, complete_and_leave)
    assert_released()


async def test_internal_error_closes_the_socket_and_is_logged(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A RuntimeError is not mistaken for a disconnect."""

    def fail(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr("server.graphql.websocket.connection.StreamEvent", property(fail))
    recorded: list[BaseException] = []
    monkeypatch.setattr("server.graphql.websocket.connection.record_bug", lambda _, error: recorded.append(error))

    async def stay(_: Client) -> None:
        await asyncio.Event().wait()

    client = await application.run(WEBSOCKET, DASHBOARD, stay)
    assert client.sent[-1] == {"type": "websocket.close", "code": 1011, "reason": "Internal server error."}
    assert len(recorded) == 1
    assert subscriber_count(application.changes) == 0
