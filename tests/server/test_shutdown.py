"""Shutdown loses no request."""

import asyncio
import itertools
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import pytest
import uvloop
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedError

from server.app import create_app
from server.transport.state import HttpState
from tests.balancer import Upstream, balancing
from tests.clients import TEST_SECRET, settings_of
from tests.processes import ServerProcess, server_process
from tests.servers import AppServer, running_app

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Gated:
    """An application whose responses wait until they are released."""

    def __init__(self) -> None:
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked = asyncio.Event()

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked.set()
        await self.may_answer.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Connection:
    """A connection that keeps unread responses in order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self, request: bytes = GET) -> bytes:
        self.writer.write(request)
        return await self.answer()

    async def answer(self) -> bytes:
        """The head of the response, whose body is `ok`."""
        async with asyncio.timeout(60):
            head = await self.reader.readuntil(b"\r\n\r\n")
            assert await self.reader.readexactly(2) == b"ok"
        assert head.startswith(b"HTTP/1.1 200")
        return head

    async def is_closed(self) -> bool:
        async with asyncio.timeout(60):
            return await self.reader.read() == b""


@dataclass
class GatedServer:
    app_server: AppServer
    app: Gated
    _connections: list[Connection] = field(default_factory=list)

    async def connect(self, **options: Any) -> Connection:
        address = () if options else self.app_server.host_and_port
        connection = Connection(*await asyncio.open_connection(*address, **options))
        self._connections.append(connection)
        return connection

    async def request(self) -> Connection:
        """Sends a request whose response waits until it is released."""
        self.app.may_answer.clear()
        connection = await self.connect()
        connection.writer.write(GET)
        await self.app.asked.wait()
        return connection

    def signal(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.app_server.server.handle_exit(number, None)

    async def until_refused(self) -> None:
        async def refused() -> bool:
            try:
                _, writer = await asyncio.open_connection(*self.app_server.host_and_port)
            except ConnectionError:
                return True
            writer.close()
            return False

        await until(refused)

    async def until_accepted(self, number: int) -> None:
        async def accepted() -> bool:
            return len(self.app_server.server.server_state.connections) == number

        await until(accepted)

    async def ended(self) -> None:
        async with asyncio.timeout(60):
            await self.app_server.task

    def close(self) -> None:
        self.app.may_answer.set()
        for connection in self._connections:
            connection.writer.close()


@asynccontextmanager
async def gated(**settings: Any) -> AsyncIterator[GatedServer]:
    app = Gated()
    settings = {"timeout_graceful_shutdown": 10, "lifespan": "off", **settings}
    async with running_app(app, **settings) as app_server:
        server = GatedServer(app_server, app)
        try:
            yield server
        finally:
            server.close()


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():  # noqa: ASYNC110  # a listener that closes tells nobody
            await asyncio.sleep(0.01)


async def test_silent_connection_is_answered_after_listener_closed() -> None:
    async with gated() as server:
        silent, idle = await server.connect(), await server.connect()
        assert b"connection: close" not in await idle.ask()
        await server.until_accepted(2)
        server.signal()
        await server.until_refused()
        for connection in (silent, idle):
            assert b"connection: close" in await connection.ask()
            assert await connection.is_closed()
        await server.ended()


async def test_listener_accepts_until_the_delay_ends() -> None:
    async with gated(delay_seconds=30) as server:
        kept = await server.connect()
        await kept.ask()
        server.signal()
        for connection in (kept, await server.connect(), await server.connect()):
            assert b"connection: close" in await connection.ask()
            assert await connection.is_closed()
        server.signal()
        await server.until_refused()
        await server.ended()


async def test_connection_closes_after_its_running_request() -> None:
    async with gated() as server:
        connection = await server.request()
        server.signal()
        await server.until_refused()
        assert not server.app_server.task.done()
        server.app.may_answer.set()
        assert b"connection: close" in await connection.answer()
        assert await connection.is_closed()
        await server.ended()


async def test_pipelined_requests_are_answered_and_the_last_closes_the_connection() -> None:
    async with gated() as server:
        connection = await server.request()
        connection.writer.write(GET)
        server.signal()
        await server.until_refused()
        server.app.may_answer.set()
        assert b"connection: close" not in await connection.answer()
        assert b"connection: close" in await connection.answer()
        assert await connection.is_closed()


async def answer_backlog() -> None:
    async with gated() as server:
        # The event loop cannot accept them yet.
        waiting = [socket.create_connection(server.app_server.host_and_port) for _ in range(20)]
        for connection in waiting:
            connection.sendall(GET)
        stopping = asyncio.create_task(server.app_server.server.shutdown())
        server.app_server.server.server_state.is_stopping = True
        for connection in waiting:
            assert b"connection: close" in await (await server.connect(sock=connection)).answer()
        await stopping
        server.app_server.server.should_exit = server.app_server.server.started = False


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop])
async def test_backlog_is_accepted_before_the_listener_closes(
    loop_factory: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    def run() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(answer_backlog())

    await asyncio.to_thread(run)


async def test_silent_connection_does_not_block_shutdown() -> None:
    async with gated(timeout_graceful_shutdown=1) as server:
        await server.connect()
        await server.request()
        server.signal()
        await server.ended()


@pytest.mark.parametrize("signals", [(signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGTERM)])
@pytest.mark.parametrize("delay_seconds", [0, 300])
async def test_second_signal_stops_immediately(signals: tuple[signal.Signals, ...], delay_seconds: float) -> None:
    async with gated(timeout_graceful_shutdown=300, delay_seconds=delay_seconds) as server:
        await server.request()
        for number in signals:
            server.signal(number)
        await server.ended()


async def test_readyz_fails_during_shutdown(content_database_url: str, redis_url: str) -> None:
    http = HttpState()
    app = create_app(settings_of(content_database_url, redis_url), http)
    async with (
        running_app(app, http, delay_seconds=30) as server,
        httpx.AsyncClient(base_url=f"http://{server.address}", timeout=60) as client,
    ):
        assert (await client.get("/readyz")).status_code == 200
        server.server.handle_exit(signal.SIGTERM, None)
        answer = await client.get("/readyz")
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert answer.json()["checks"] == [{"name": "server", "status": "DOWN", "message": "Server is shutting down."}]
        # Requests that still arrive are answered.
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).json() == {
            "data": {"__typename": "Query"}
        }
        server.server.handle_exit(signal.SIGTERM, None)


async def test_websockets_close_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = itertools.cycle((300.0, 0.0))
    monkeypatch.setattr("random.uniform", lambda *_: next(delays))

    async def accept(_: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await receive()

    async with (
        running_app(accept, stream_seconds=300, timeout_graceful_shutdown=300, lifespan="off") as server,
        connect(f"ws://{server.address}") as one,
        connect(f"ws://{server.address}") as other,
    ):
        server.server.handle_exit(signal.SIGTERM, None)
        receiving = {asyncio.create_task(socket.recv()) for socket in (one, other)}
        async with asyncio.timeout(30):
            closed, still_open = await asyncio.wait(receiving, return_when=asyncio.FIRST_COMPLETED)
        assert [type(task.exception()) for task in closed] == [ConnectionClosedError]
        assert len(still_open) == 1
        server.server.handle_exit(signal.SIGTERM, None)
        await asyncio.wait(still_open)


class Fleet:
    """Servers behind a load balancer, each of which can be replaced."""

    def __init__(self, log: Path, settings: dict[str, str]) -> None:
        self._log = log
        self._settings = settings
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(self, *exception: Any) -> None:
        await self._stack.__aexit__(*exception)

    async def start(self, workers: int) -> ServerProcess:
        arguments = ("--no-migrate", "--workers", str(workers))
        return await self._stack.enter_async_context(server_process(self._log, *arguments, **self._settings))


def host_and_port(server: ServerProcess) -> tuple[str, int]:
    parts = urlsplit(server.address)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


@pytest.mark.skipif("BALANCE" not in os.environ, reason="`make balance` runs it.")
@pytest.mark.timeout(600)
async def test_rolling_restart_loses_no_request(content_database_url: str, redis_url: str, tmp_path: Path) -> None:
    """Restarts two servers behind a load balancer one after the other: one with one process, one with two."""
    settings = {
        "DATABASE_URL": content_database_url,
        "REDIS_URL": redis_url,
        "JWT_SECRET": TEST_SECRET,
        "SHUTDOWN_DELAY_SECONDS": "2",
    }
    done = asyncio.Event()

    async def send_requests(client: httpx.AsyncClient) -> None:
        while not done.is_set():
            await client.post("/graphql", json={"query": "{ books(first: 3) { nodes { title } } }"})
            # Leaves processor time to the servers that start.
            await asyncio.sleep(0.05)

    async with Fleet(tmp_path / "log", settings) as fleet, asyncio.TaskGroup() as clients:
        servers = [await fleet.start(workers) for workers in (1, 2)]
        balancer = await fleet._stack.enter_async_context(balancing(*map(host_and_port, servers)))
        for upstream in balancer.upstreams:
            await balancer.until_ready(upstream)
        client = await fleet._stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{balancer.port}", timeout=60)
        )
        for _ in range(4):
            clients.create_task(send_requests(client))
        try:
            for index, (old, workers) in enumerate(zip(servers, (1, 2), strict=True)):
                assert balancer.upstreams[index].answered
                assert await old.stop() == 0
                new = await fleet.start(workers)
                balancer.upstreams[index] = Upstream(host_and_port(new))
                await balancer.until_ready(balancer.upstreams[index])
        finally:
            done.set()
    assert balancer.failures == []
    assert set(balancer.outcomes) == {200}
