"""Raw clients on real sockets, and a server in the same process.

The guard's clock is fake: `later` checks all connections as if time had passed.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from server.http.client_address import TrustedProxies
from server.http.streaming_response import StreamingResponse
from server.transport.connection_limits import CloseReason, TransportLimits
from server.transport.state import HttpState
from tests.servers import running_app
from tests.streams import NARROW

MEGABYTE = 1_000_000
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n"


@dataclass
class App:
    """Reads the body, then sends `size` bytes: immediately, or in endless chunks at `/stream`."""

    size: int = 2
    requests: int = 0
    disconnects: int = 0
    streams_closed: int = 0
    # Paths, in the order in which their bodies were completed.
    read: list[str] = field(default_factory=list)
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
        self.read.append(scope["path"])
        if scope["path"] == "/stream":
            await StreamingResponse(self.chunks(), {})(scope, receive, send)
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
    """A connection with a small receive buffer: unread data stays at the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        async with asyncio.timeout(60):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
            status, *lines = head.strip().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await self.reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1]), headers, body

    async def rest(self) -> bytes:
        """Reads until the server closes the connection."""
        async with asyncio.timeout(60):
            return await self.reader.read()

    async def is_reset(self) -> bool:
        try:
            await self.rest()
        except ConnectionResetError:
            return True
        return False


@dataclass
class SocketServer:
    app: App
    http: HttpState
    port: int
    clients: list[Client] = field(default_factory=list)
    sockets: list[socket.socket] = field(default_factory=list)

    async def connect(self) -> Client:
        narrow = socket.socket()
        narrow.setsockopt(*NARROW)
        narrow.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(narrow, ("127.0.0.1", self.port))
        client = Client(*await asyncio.open_connection(sock=narrow, limit=4_096))
        self.clients.append(client)
        return client

    async def open_socket(self, room: int) -> socket.socket:
        """Opens a socket with a send buffer of this size."""
        opened = socket.socket()
        self.sockets.append(opened)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * room)
        opened.setblocking(False)
        await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", self.port))
        return opened

    def later(self, seconds: float) -> None:
        """The guard's whole round."""
        guard = self.http.guard
        guard.now += seconds
        for connection in list(guard.connections):
            connection.check(guard.now)
        guard._end_round()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110  # there is no event for arrived bytes
                await asyncio.sleep(0.005)

    async def until_stalled(self) -> None:
        """Waits until the kernel's buffers are full."""
        unsent, same = 0, 0
        while same < 20:
            await asyncio.sleep(0.005)
            unsent, same = self.unsent, same + 1 if 65_536 < self.unsent == unsent else 0

    async def until_open(self, number: int) -> None:
        await self.until(lambda: len(self.http.connections) == number)

    @property
    def closed(self) -> dict[CloseReason, int]:
        return dict(self.http.guard.closed)

    @property
    def unsent(self) -> int:
        return self.http.guard.unsent_bytes


@asynccontextmanager
async def socket_server(
    app: Any = None, ws_max_size: int = 16_777_216, proxies: TrustedProxies | None = None, **limits: Any
) -> AsyncIterator[SocketServer]:
    app = app or App()
    http = HttpState(None, TransportLimits(**limits), proxies)
    # The test advances the clock.
    vars(http.guard)["tick"] = lambda now: None
    async with running_app(app, http, lifespan="off", timeout_keep_alive=60, ws_max_size=ws_max_size) as server:
        found = SocketServer(app, http, server.host_and_port[1])
        try:
            yield found
        finally:
            for client in found.clients:
                client.writer.close()
            for opened in found.sockets:
                opened.close()
