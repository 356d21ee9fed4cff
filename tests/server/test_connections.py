"""Clients that send slowly, read slowly, or do neither: each has a deadline, and all together have limits.

Sockets are real. The guard's clock is the test's: `sweep` looks at all connections as if it were later.
"""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from server.http.streaming_response import ChunkedResponse
from server.transport.guard import Reason, TransportLimits
from server.transport.protocol import HttpProtocol
from server.transport.state import HttpState
from tests.servers import running
from tests.streams import NARROW

MEGABYTE = 1_000_000
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n"


@dataclass
class App:
    """Reads the body, then sends `size` bytes: at once, or in chunks without an end at `/stream`."""

    size: int = 2
    requests: int = 0
    disconnects: int = 0
    streams_closed: int = 0
    may_read: asyncio.Event = field(default_factory=asyncio.Event)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_read.set()
        self.may_answer.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.requests += 1
        await self.may_read.wait()
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return
            more = message["more_body"]
        if scope["path"] == "/stream":
            await ChunkedResponse(self.chunks(), {})(scope, receive, send)
            return
        await self.may_answer.wait()
        headers = [(b"content-length", b"%d" % self.size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.size)})

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield bytes(100_000)
                await asyncio.sleep(0)
        finally:
            self.streams_closed += 1


class Client:
    """A connection. What it does not read stays at the server: its own buffer is small."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(20):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, body

    async def rest(self) -> bytes:
        """Until the server closes the connection."""
        async with asyncio.timeout(20):
            return await self.reader.read()

    async def is_reset(self) -> bool:
        try:
            await self.rest()
        except ConnectionResetError:
            return True
        return False


@dataclass
class Setup:
    app: App
    http: HttpState
    port: int
    clients: list[Client] = field(default_factory=list)

    async def connect(self) -> Client:
        narrow = socket.socket()
        narrow.setsockopt(*NARROW)
        narrow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(narrow, ("127.0.0.1", self.port))
        client = Client(*await asyncio.open_connection(sock=narrow, limit=4_096))
        self.clients.append(client)
        return client

    def later(self, seconds: float) -> None:
        guard = self.http.guard
        guard.sweep(guard.now + seconds)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not condition():  # noqa: ASYNC110  # nobody tells when bytes have arrived
                await asyncio.sleep(0.005)

    async def until_stalled(self) -> None:
        """Until the kernel takes no more."""
        unsent, same = 0, 0
        while same < 20:
            await asyncio.sleep(0.005)
            unsent, same = self.unsent, same + 1 if 65_536 < self.unsent == unsent else 0

    async def until_open(self, number: int) -> None:
        await self.until(lambda: len(self.http.connections) == number)

    @property
    def closed(self) -> dict[Reason, int]:
        return dict(self.http.guard.closed)

    @property
    def unsent(self) -> int:
        return self.http.guard.unsent_bytes


@asynccontextmanager
async def setup(app: Any = None, **limits: Any) -> AsyncIterator[Setup]:
    app = app or App()
    http = HttpState(None, TransportLimits(**limits))
    # The clock is the test's.
    http.guard.tick = lambda now: None  # type: ignore[method-assign]
    async with running(app, http, lifespan="off", timeout_keep_alive=60) as server:
        found = Setup(app, http, server.host_and_port[1])
        try:
            yield found
        finally:
            for client in found.clients:
                client.writer.close()


class TestDeadlines:
    async def test_silent_connection_is_closed(self) -> None:
        async with setup() as server:
            client = await server.connect()
            await server.until_open(1)
            server.later(0.1)
            server.later(9.8)
            assert server.closed == {}
            server.later(0.2)
            assert await client.rest() == b""
            assert server.closed == {Reason.SILENT: 1}

    @pytest.mark.parametrize(
        ("begin", "more"), [(b"G", b"ET"), (b"\r\n", b"\r\n"), (GET[:-2], b"A"), (b"GET /" + b"u" * 1_000, b"u")]
    )
    @pytest.mark.parametrize("is_first", [True, False])
    async def test_head_is_answered_by_408(self, begin: bytes, more: bytes, is_first: bool) -> None:
        async with setup() as server:
            client = await server.connect()
            if not is_first:
                await client.send(GET)
                assert (await client.answer())[0] == 200
            await client.send(begin)
            await server.until(lambda: server.http.guard.unfinished_bytes == len(begin))
            server.later(0.1)
            # More of it is no excuse.
            await client.send(more)
            await server.until(lambda: server.http.guard.unfinished_bytes > len(begin))
            server.later(9.9)
            assert server.closed == {}
            server.later(0.2)
            status, headers, body = await client.answer()
            [error] = json.loads(body)["errors"]
            assert (status, headers["connection"], error["extensions"]["code"]) == (408, "close", "TIMEOUT")
            assert await client.rest() == b""
            assert server.closed == {Reason.HEAD: 1}
            assert server.http.guard.unfinished_bytes == 0

    async def test_body_has_a_minimum_rate(self) -> None:
        async with setup(body_min_rate=1_000) as server:
            client = await server.connect()
            head = POST % 30_000
            await client.send(head + bytes(20_000 - len(head)))
            await server.until(lambda: server.http.guard.unfinished_bytes == 20_000)
            server.later(0.1)
            server.later(29.8)
            assert server.closed == {}
            server.later(0.3)
            assert (await client.answer())[0] == 408
            assert server.closed == {Reason.BODY: 1}
            await server.until(lambda: server.app.disconnects == 1)

    async def test_body_that_the_application_does_not_read_is_nobodys_fault(self) -> None:
        async with setup() as server:
            server.app.may_read.clear()
            client = await server.connect()
            await client.send(POST % 500_000)
            sending = asyncio.create_task(client.send(bytes(500_000)))
            await server.until(lambda: server.http.guard.unfinished_bytes > 65_536)
            for _ in range(10):
                server.later(100)
            server.app.may_read.set()
            assert (await client.answer())[0] == 200
            await sending
            assert server.closed == {}

    async def test_idle_connection_is_closed_without_a_word(self) -> None:
        async with setup() as server:
            client = await server.connect()
            for _ in range(3):
                await client.send(GET)
                assert (await client.answer())[0] == 200
                server.later(0.1)
                server.later(59)
            assert server.closed == {}
            server.later(2)
            assert await client.rest() == b""
            assert server.closed == {Reason.IDLE: 1}

    async def test_connection_with_a_request_that_runs_has_no_deadline(self) -> None:
        async with setup() as server:
            server.app.may_answer.clear()
            client = await server.connect()
            await client.send(GET)
            await server.until(lambda: server.app.requests == 1)
            for _ in range(5):
                server.later(1_000)
            server.app.may_answer.set()
            assert (await client.answer())[0] == 200


class TestUnreadAnswers:
    @pytest.mark.parametrize("path", [b"/", b"/stream"])
    async def test_client_that_does_not_read_is_cut_off(self, path: bytes) -> None:
        async with setup(App(size=20 * MEGABYTE)) as server:
            client = await server.connect()
            await client.send(GET.replace(b" / ", b" %b " % path))
            await server.until_stalled()
            server.later(0.1)
            server.later(29.8)
            assert server.closed == {}
            server.later(0.3)
            assert server.closed == {Reason.WRITE: 1}
            assert server.unsent == 0
            assert await client.is_reset()
            await server.until_open(0)
            await server.until(lambda: not server.http.tasks)
            assert server.app.streams_closed == (path == b"/stream")

    async def test_slow_client_that_reads_stays(self) -> None:
        size = 8 * MEGABYTE
        async with setup(App(size=size), write_seconds=30, send_min_rate=1_000) as server:
            client = await server.connect()
            await client.send(GET)
            await server.until(lambda: server.unsent > 65_536)
            received = 0
            while server.unsent:
                before = server.unsent
                server.later(29)
                while server.unsent and server.unsent > before - 30_000:
                    received += len(await client.reader.read(65_536))
                server.later(2)
            assert server.closed == {}
            head = len(await client.reader.readuntil(b"\r\n\r\n")) if not received else 0
            while received + head < size:
                received += len(await client.reader.read(65_536))
            assert server.closed == {}

    async def test_trickle_below_the_minimum_is_cut_off(self) -> None:
        async with setup(App(size=20 * MEGABYTE), send_min_rate=10 * MEGABYTE) as server:
            client = await server.connect()
            await client.send(GET)
            await server.until(lambda: server.unsent > 65_536)
            server.later(0.1)
            before = server.unsent
            while server.unsent == before:
                await client.reader.read(65_536)
            server.later(30)
            assert server.closed == {Reason.WRITE: 1}

    async def test_second_request_waits_until_the_first_answer_is_read(self) -> None:
        size = 8 * MEGABYTE
        async with setup(App(size=size)) as server:
            client = await server.connect()
            await client.send(GET * 3)
            await server.until(lambda: server.unsent > 65_536)
            await client.send(GET * 3)
            server.later(1)
            assert server.app.requests == 1
            for _ in range(6):
                assert len((await client.answer())[2]) == size
            assert server.app.requests == 6
            server.later(1)
            assert server.unsent == 0

    async def test_those_who_do_not_read_make_room_for_one_who_does(self) -> None:
        size = 8 * MEGABYTE
        async with setup(App(size=size), max_unsent_bytes=20 * MEGABYTE) as server:
            stalled = [await server.connect() for _ in range(2)]
            for client in stalled:
                await client.send(GET)
            # Kernels hold some of it.
            await server.until(lambda: server.unsent > MEGABYTE and server.app.requests == 2)
            server.later(1)
            server.later(1)
            for _ in range(6):
                client = await server.connect()
                await client.send(GET)
                assert len((await client.answer())[2]) == size
                server.later(1)
                assert server.unsent <= 20 * MEGABYTE
            assert set(server.closed) <= {Reason.UNSENT}

    async def test_total_of_unread_answers_holds_at_any_time(self) -> None:
        """Also where all come within a second, when nobody can be told from a client that reads."""
        limit = 20 * MEGABYTE
        async with setup(App(size=8 * MEGABYTE), max_unsent_bytes=limit) as server:
            for number in range(1, 13):
                client = await server.connect()
                await client.send(GET)
                await server.until(lambda: server.app.requests == number)  # noqa: B023  # awaited here
                await server.until(lambda: not server.http.tasks)
                assert server.unsent <= limit
            assert server.closed[Reason.UNSENT] >= 8

    async def test_one_answer_has_a_limit(self) -> None:
        async with setup(App(size=20 * MEGABYTE), max_unsent_bytes_per_connection=10 * MEGABYTE) as server:
            client = await server.connect()
            await client.send(GET)
            assert await client.is_reset()
            assert server.closed == {Reason.UNSENT: 1}


class TestUnfinishedRequests:
    @pytest.mark.parametrize("begin", [POST % 1_900_000 + bytes(99_000), b"GET / HTTP/1.1\r\nA: " + b"a" * 30_000])
    async def test_all_together_have_a_limit_and_the_oldest_gives_way(self, begin: bytes) -> None:
        limit = 1_000_000
        number = 3 * limit // len(begin)
        async with setup(max_unfinished_bytes=limit) as server:
            clients = [await server.connect() for _ in range(number)]
            guard, expected = server.http.guard, 0
            for client in clients:
                await client.send(begin)
                expected += len(begin)
                kept = limit // len(begin) * len(begin)
                await server.until(lambda: guard.unfinished_bytes == min(expected, kept))  # noqa: B023  # awaited here
                # Whoever sends without a break is served next to them.
                healthy = await server.connect()
                await healthy.send(POST % 100 + bytes(100))
                assert (await healthy.answer())[0] == 200
            rejected = number - limit // len(begin)
            assert server.closed == {Reason.UNFINISHED: rejected}
            for client in clients[:rejected]:
                status, headers, body = await client.answer()
                extensions = json.loads(body)["errors"][0]["extensions"]
                assert (status, headers["retry-after"]) == (503, "5")
                assert (extensions["code"], extensions["retryAfter"]) == ("SERVICE_UNAVAILABLE", 5)
            assert guard.unfinished.keys() <= server.http.connections

    async def test_pipelined_requests_wait_unparsed(self) -> None:
        """Each that is parsed takes some kilobytes."""
        number = 20_000
        async with setup() as server:
            server.app.may_answer.clear()
            client = await server.connect()
            sending = asyncio.create_task(client.send(GET * number))
            await server.until(lambda: server.app.requests == 1)
            [connection] = server.http.connections
            assert isinstance(connection, HttpProtocol)
            await server.until(lambda: connection.flow.read_paused)
            assert 0 < len(connection.pipeline) < 1_000
            server.app.may_answer.set()
            most = 0
            for _ in range(number):
                assert (await client.answer())[0] == 200
                most = max(most, len(connection.pipeline))
            await sending
            assert most < 1_000
            assert server.app.requests == number
            assert not connection.flow.read_paused

    async def test_body_behind_an_answer_is_not_read_for_ever(self) -> None:
        async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

        async with setup(refuse) as server:
            client = await server.connect()
            await client.send(POST % 10**9)
            assert (await client.answer())[0] == 413
            with pytest.raises(ConnectionError):
                await client.send(bytes(100 * MEGABYTE))

    async def test_stream_ends_with_its_connection_when_requests_are_pipelined_behind_it(self) -> None:
        async with setup() as server:
            client = await server.connect()
            await client.send(GET.replace(b" / ", b" /stream ") + GET)
            await server.until_stalled()
            client.writer.transport.abort()
            await server.until(lambda: server.app.streams_closed == 1)
            await server.until(lambda: not server.http.tasks)
            assert server.app.requests == 1


class TestNumbers:
    async def test_longest_idle_connections_give_way(self) -> None:
        async with setup(max_connections=5) as server:
            clients = []
            for number in range(1, 6):
                clients.append(await server.connect())
                await clients[-1].send(GET)
                assert (await clients[-1].answer())[0] == 200
                await server.until_open(number)
                server.later(2)
            for number in range(3):
                newcomer = await server.connect()
                await newcomer.send(GET)
                assert (await newcomer.answer())[0] == 200
                assert await clients[number].is_reset()
            assert server.closed == {Reason.GAVE_WAY: 3}
            assert len(server.http.connections) == 5

    async def test_connection_is_refused_where_none_is_idle(self) -> None:
        async with setup(max_connections=5) as server:
            server.app.may_answer.clear()
            busy = [await server.connect() for _ in range(5)]
            for client in busy:
                await client.send(GET)
            await server.until(lambda: server.app.requests == 5)
            server.later(2)
            for _ in range(3):
                refused = await server.connect()
                status, headers, body = await refused.answer()
                assert (status, headers["connection"], headers["retry-after"]) == (503, "close", "5")
                assert json.loads(body)["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
            assert len(server.http.connections) == 5
            assert server.http.guard.refused == {503: 3}
            server.app.may_answer.set()
            for client in busy:
                assert (await client.answer())[0] == 200

    async def test_address_has_a_limit_of_its_own(self) -> None:
        async with setup(max_connections_per_address=2) as server:
            server.app.may_answer.clear()
            for client in [await server.connect() for _ in range(2)]:
                await client.send(GET)
            await server.until(lambda: server.app.requests == 2)
            status, _, body = await (await server.connect()).answer()
            assert (status, json.loads(body)["errors"][0]["extensions"]["code"]) == (429, "RATE_LIMITED")
            server.app.may_answer.set()

    async def test_connections_that_ended_are_not_counted(self) -> None:
        async with setup(max_connections=3, max_connections_per_address=3) as server:
            for _ in range(10):
                client = await server.connect()
                await client.send(GET)
                assert (await client.answer())[0] == 200
                client.writer.close()
                await server.until_open(0)
            assert server.http.guard.refused == {}
            assert server.http.guard._by_network == {}


def test_uvloop_applies_the_same_limits() -> None:
    """Production's loop has transports of its own."""

    async def attack() -> None:
        async with setup(App(size=20 * MEGABYTE)) as server:
            client = await server.connect()
            await client.send(GET * 2)
            await server.until(lambda: server.unsent > 65_536)
            server.later(0.1)
            assert server.app.requests == 1
            server.later(30.1)
            assert server.closed == {Reason.WRITE: 1}
            assert await client.is_reset()
            await server.until(lambda: not server.http.tasks)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(attack())
