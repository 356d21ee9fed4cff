"""Limits of heads and trailers hold before the application is called, however the bytes are split."""

import asyncio
import json
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from starlette.types import Receive, Scope, Send

from server.transport.request_limits import RequestLimits
from server.transport.state import HttpState
from server.transport.turns import BYTES_PER_TURN, Turns
from tests.servers import running_app

LIMITS = RequestLimits(header_bytes=2_000, url_bytes=1_000)
ORIGIN = b"https://app.example"
BODY = b'{"a": 1}'
CHUNKED = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n" + BODY + b"\r\n0\r\n"
# More than the socket buffers of both sides: the server must respond before it has read all.
ENDLESS = b"x" * 8_000_000


@dataclass
class Echo:
    """Responds with the received body."""

    paths: list[str] = field(default_factory=list)
    headers: list[list[tuple[bytes, bytes]]] = field(default_factory=list)
    disconnects: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        body, more = b"", True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return
            body += message["body"]
            more = message["more_body"]
        self.headers.append(scope["headers"])
        headers = [(b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass
class Setup:
    app: Echo
    http: HttpState
    port: int

    async def exchange(self, pieces: Iterator[bytes] | list[bytes]) -> bytes:
        """The bytes received until the server closes the connection, or everything was sent."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            async with asyncio.timeout(60):
                answer = asyncio.create_task(reader.read())
                try:
                    for piece in pieces:
                        writer.write(piece)
                        await writer.drain()
                except ConnectionError:
                    pass  # the server has closed the connection
                return await answer
        finally:
            writer.close()


@asynccontextmanager
async def setup(*, bytes_per_turn: int = BYTES_PER_TURN) -> AsyncIterator[Setup]:
    app, http = Echo(), HttpState(LIMITS, allows_origin=lambda origin: origin == ORIGIN.decode())
    http.turns = Turns(bytes_per_turn)
    async with running_app(app, http, lifespan="off") as server:
        yield Setup(app, http, server.host_and_port[1])


def cut(data: bytes, longest: int, seed: int) -> Iterator[bytes]:
    """Splits the bytes into pieces of random length."""
    lengths = random.Random(seed)
    while data:
        length = lengths.randint(1, longest)
        yield data[:length]
        data = data[length:]


def answers(received: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    found = []
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers["content-length"])
        found.append((int(status.split()[1]), headers, received[:length]))
        received = received[length:]
    return found


def head(*, url: int = 1, headers: int = 0, close: bool = True) -> bytes:
    """`url`: its length. `headers`: the counted bytes of all headers."""
    lines = [b"Connection: close"] if close else [b"Connection: keep-alive"]
    left = headers - sum(len(line) + 2 for line in lines)
    while left > 0:
        length = min(left, 500) if left - 500 > 10 or left <= 500 else left - 20
        lines.append(b"A: " + b"a" * (length - 5))
        left -= length
    return b"GET /%b HTTP/1.1\r\n%b\r\n\r\n" % (b"u" * (url - 1), b"\r\n".join(lines))


@pytest.mark.parametrize("longest", [3, 700, 10**9])
@pytest.mark.parametrize(
    ("data", "status", "says"),
    [
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 2_000 + b"\r\n\r\n", 431, "headers exceed the limit of 2000 bytes"),
        (b"GET / HTTP/1.1\r\n" + b"a" * 2_100, 431, "headers exceed the limit of 2000 bytes"),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 400 + b"\r\n", 431, "headers exceed the limit of 2000 bytes"),
        (b"GET /" + b"u" * 1_001 + b" HTTP/1.1\r\n\r\n", 414, "URL exceeds the limit of 1000 bytes"),
        (b"\r\n" * 2_000, 431, "headers exceed the limit of 2000 bytes"),
        (CHUNKED + b"A: " + b"a" * 2_000 + b"\r\n\r\n", 431, "trailers exceed the limit of 2000 bytes"),
        (CHUNKED + b"A: b\r\n" * 400 + b"\r\n", 431, "trailers exceed the limit of 2000 bytes"),
        (b"nonsense\r\n\r\n", 400, "not valid HTTP"),
    ],
)
async def test_long_parts_are_rejected_however_they_are_split(
    data: bytes, status: int, says: str, longest: int
) -> None:
    async with setup() as server:
        [(answered, headers, body)] = answers(await server.exchange(cut(data, longest, seed=1)))
        assert (answered, headers["connection"]) == (status, "close")
        [error] = json.loads(body)["errors"]
        assert says in error["message"]
        assert error["extensions"] == {"code": "BAD_USER_INPUT", "requestId": headers["x-request-id"]}
        assert server.http.rejected == {status: 1}
        # The application was not called, or received a disconnect.
        assert len(server.app.paths) == server.app.disconnects == (1 if "trailers" in says else 0)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET / HTTP/1.1\r\nA: ", 431),
        (b"GET / HTTP/1.1\r\n", 431),
        (b"GET /", 414),
        (CHUNKED, 431),
        (CHUNKED.replace(b"0\r\n", b"5;"), 431),
    ],
)
async def test_endless_parts_are_rejected_before_they_end(data: bytes, status: int) -> None:
    async with setup() as server:
        answered = answers(await server.exchange([data, ENDLESS]))
        assert [found[0] for found in answered] == [status]


@pytest.mark.parametrize("seed", range(8))
async def test_limits_are_exact(seed: int) -> None:
    """For single requests, and for those pipelined in the same piece."""
    longest = random.Random(seed).choice([50, 900, 3_000, 10**9])
    first = head(close=False)
    # For half of the seeds, the event loop runs after each piece.
    async with setup(bytes_per_turn=1 if seed % 2 else BYTES_PER_TURN) as server:
        for url, headers, status in ((1_000, 2_000, 200), (1_000, 2_001, 431), (1_001, 2_000, 414)):
            data = head(url=url, headers=headers)
            assert [found[0] for found in answers(await server.exchange(cut(data, longest, seed)))] == [status]
            both = answers(await server.exchange(cut(first + data, longest, seed)))
            # A response in progress comes first, and then the connection may be closed without another.
            assert [found[0] for found in both] in ([200, status], [200] if status != 200 else [])


async def test_limits_hold_for_a_split_head_behind_another_request() -> None:
    """In two pieces: the first request with most of the second, and the rest, which is short."""
    async with setup() as server:
        for headers, statuses in ((2_000, [200, 200]), (2_001, [200])):
            first, data = head(close=False), head(headers=headers)
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            async with asyncio.timeout(60):
                writer.write(first + data[:-10])
                # The first response shows that the first piece was read.
                received = await reader.readuntil(b"\r\n\r\n")
                writer.write(data[-10:])
                received += await reader.read()
            writer.close()
            found = [status for status, _, _ in answers(received)]
            assert found in (statuses, [200, 431] if statuses == [200] else statuses)


@pytest.mark.parametrize("bytes_per_turn", [1, BYTES_PER_TURN])
@pytest.mark.parametrize("longest", [1_000, 10**9])
async def test_bodies_are_not_counted(longest: int, bytes_per_turn: int) -> None:
    body = b"b" * 100_000
    plain = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    pieces = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in cut(body, 40, seed=2)) + b"0\r\nA: b\r\n\r\n"
    chunked = b"POST / HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + pieces
    async with setup(bytes_per_turn=bytes_per_turn) as server:
        found = answers(await server.exchange(cut(plain + plain + chunked, longest, seed=3)))
        assert [(status, answered) for status, _, answered in found] == [(200, body)] * 3
        assert server.http.rejected == {}


async def test_trailers_are_not_headers() -> None:
    data = CHUNKED.replace(b"Host: test", b"Connection: close") + b"Authorization: Bearer x\r\n\r\n"
    async with setup() as server:
        assert [found[0] for found in answers(await server.exchange([data]))] == [200]
        assert b"authorization" not in dict(server.app.headers[0])


async def test_connection_is_reused_after_long_heads() -> None:
    """Each request is counted separately."""
    data = head(url=900, headers=1_900, close=False) * 20 + head()
    async with setup() as server:
        assert [found[0] for found in answers(await server.exchange(cut(data, 1_000, seed=4)))] == [200] * 21


LONG = b"A: " + b"a" * 2_000 + b"\r\n"


@pytest.mark.parametrize("longest", [700, 10**9])
@pytest.mark.parametrize(
    ("data", "origin"),
    [
        (b"GET / HTTP/1.1\r\nOrigin: %b\r\n%b\r\n" % (ORIGIN, LONG), ORIGIN),
        # The server rejects the head before its end.
        (b"GET / HTTP/1.1\r\nOrigin: %b\r\nHost: test\r\n%b" % (ORIGIN, LONG[:-2] * 3), ORIGIN),
        (CHUNKED.replace(b"Host: test", b"Origin: " + ORIGIN) + LONG + b"\r\n", ORIGIN),
        (b"GET / HTTP/1.1\r\nOrigin: https://other.example\r\n%b\r\n" % LONG, None),
        (b"GET / HTTP/1.1\r\n%b\r\n" % LONG, None),
        # An Origin header after the long part may not have been read.
        (b"GET / HTTP/1.1\r\n%b" % (LONG[:-2] * 3), None),
    ],
)
async def test_allowed_origins_can_read_rejections_if_the_origin_has_arrived(
    data: bytes, origin: bytes | None, longest: int
) -> None:
    async with setup() as server:
        [(status, headers, _)] = answers(await server.exchange(cut(data, longest, seed=1)))
        assert status == 431
        assert headers.get("access-control-allow-origin") == (origin and origin.decode())
        assert ("x-request-id" in headers.get("access-control-expose-headers", "").lower()) == (origin is not None)
        assert ("origin" in headers.get("vary", "").lower()) == (origin is not None)


async def test_rejection_of_long_url_is_readable_if_the_head_is_complete() -> None:
    data = b"GET /" + b"u" * 1_001 + b" HTTP/1.1\r\nOrigin: %b\r\n\r\n" % ORIGIN
    async with setup() as server:
        [(status, headers, _)] = answers(await server.exchange([data]))
        assert (status, headers.get("access-control-allow-origin")) == (414, ORIGIN.decode())


async def test_rejection_does_not_use_the_origin_of_the_previous_request() -> None:
    first = b"GET / HTTP/1.1\r\nOrigin: " + ORIGIN + b"\r\n\r\n"
    async with setup() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        async with asyncio.timeout(60):
            writer.write(first)
            answered = await reader.readuntil(b"\r\n\r\n")
            writer.write(b"nonsense\r\n\r\n")
            [_, (status, headers, _)] = answers(answered + await reader.read())
        writer.close()
        assert (status, headers.get("access-control-allow-origin")) == (400, None)


async def test_parts_of_a_response_are_sent_immediately() -> None:
    """With the event loop of asyncio, too: the body does not wait until the client has acknowledged the head."""
    async with running_app(Echo(), lifespan="off") as server:
        reader, writer = await asyncio.open_connection(*server.host_and_port)
        writer.write(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        async with asyncio.timeout(60):
            await reader.readuntil(b"\r\n\r\n")
        [connection] = server.server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
        writer.close()
