"""Clients that hold a connection, as small as possible: one process has thousands of them."""

import asyncio
import base64
import os
import socket
import time
from abc import ABC, abstractmethod
from typing import Any, NamedTuple, cast

import orjson

from bench.attacks.slow_readers import frame

QUERY = "{ books(first: 1) { nodes { title } } }"
DASHBOARD = "subscription Dashboard { dashboardUpdated { dueNow reviewsToday } }"
NOTIFICATIONS = "subscription Notifications { notificationReceived { unreadCount } }"
# Megabytes for each connection.
LARGE = """{ textbooks(first: 20) { nodes { id title chapters { id title content
    vocabulary { id word reading meanings jlptLevel } } } } }"""
RECEIVE_BUFFER = 4_096
_CLOSE, _PING, _PONG, _TEXT = 8, 9, 10, 1


class Server(NamedTuple):
    """The address of an endpoint."""

    host: str
    port: int
    path: str


class Client(asyncio.Protocol, ABC):
    """A connection from a source address. It is ready after its first response or event."""

    def __init__(self, server: Server, token: str, source: str) -> None:
        self._server, self._token, self._source = server, token, source
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._ready: asyncio.Future[None] | None = None
        self._lost = asyncio.Event()
        self._was_ready = self._is_aborted = False
        self.event_times: list[float] = []

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    @property
    def is_lost(self) -> bool:
        """Whether the server closed the connection after it was ready."""
        return self._was_ready and self._transport is None and not self._is_aborted

    @property
    def events(self) -> int:
        return len(self.event_times)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.abort()
        if self._transport is not None:
            # The end of a connection that failed is not that of the next one.
            await self._lost.wait()
        self._is_aborted = False
        self._received.clear()
        self._ready = loop.create_future()
        address = (self._server.host, self._server.port)
        await loop.create_connection(lambda: self, *address, local_addr=(self._source, 0))

    async def ready(self) -> None:
        """Raises OSError if the server refuses the request or closes the connection before."""
        assert self._ready is not None
        await self._ready
        self._was_ready = True

    def abort(self) -> None:
        self._is_aborted = True
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._lost.clear()
        self._transport.write(self.request())

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._lost.set()
        self.fail(f"closed by the server: {exc}")

    def data_received(self, data: bytes) -> None:
        self._received += data
        self.receive(self._received)

    @abstractmethod
    def request(self) -> bytes: ...

    @abstractmethod
    def receive(self, received: bytearray) -> None:
        """Remove from the buffer what is handled."""

    def succeed(self) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(None)

    def fail(self, reason: str) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(ConnectionError(reason))

    def write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def take_head(self, received: bytearray, status: bytes) -> bool:
        """Remove a complete head. Fails if it has another status."""
        head, end, _ = received.partition(b"\r\n\r\n")
        if not end:
            return False
        if head[9:12] != status:
            self.fail(head.partition(b"\r\n")[0].decode())
        del received[: len(head) + 4]
        return True

    def post(self, body: bytes, *headers: str) -> bytes:
        lines = [
            f"POST {self._server.path} HTTP/1.1",
            f"Host: {self._server.host}",
            "Content-Type: application/json",
            *([f"Authorization: Bearer {self._token}"] if self._token else []),
            *headers,
            f"Content-Length: {len(body)}",
        ]
        return "\r\n".join([*lines, "", ""]).encode() + body


class Kept(Client):
    """A keep-alive connection, idle after one request."""

    body = orjson.dumps({"query": QUERY})

    def request(self) -> bytes:
        return self.post(self.body)

    def receive(self, received: bytearray) -> None:
        if self.take_head(received, b"200"):
            self.succeed()
        if self._ready is not None and self._ready.done():
            received.clear()


class EventStream(Client):
    """Server-sent events."""

    _has_head = False

    def request(self) -> bytes:
        self._has_head = False
        return self.post(orjson.dumps({"query": NOTIFICATIONS}), "Accept: text/event-stream")

    def receive(self, received: bytearray) -> None:
        self._has_head = self._has_head or self.take_head(received, b"200")
        while self._has_head and (end := received.find(b"\n\n")) >= 0:
            if b"event: next" in received[:end]:
                self.event_times.append(time.monotonic())
                self.succeed()
            del received[: end + 2]


class Socket(Client):
    """A WebSocket of graphql-transport-ws with one subscription."""

    _has_head = False

    def request(self) -> bytes:
        self._has_head = False
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self._server.path} HTTP/1.1",
            f"Host: {self._server.host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: graphql-transport-ws",
            f"Sec-WebSocket-Key: {key}",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def receive(self, received: bytearray) -> None:
        if not self._has_head:
            if not self.take_head(received, b"101"):
                return
            self._has_head = True
            self._send(type="connection_init", payload={"Authorization": f"Bearer {self._token}"})
        while (parsed := _take_frame(received)) is not None:
            opcode, payload = parsed
            if opcode == _PING:
                self.write(frame(payload, opcode=_PONG))
            elif opcode == _TEXT:
                self._handle(orjson.loads(payload))
            elif opcode == _CLOSE:
                self.fail(f"closed with {int.from_bytes(payload[:2])}: {payload[2:].decode()}"[:100])

    def _handle(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "connection_ack":
                self._send(type="subscribe", id="1", payload={"query": DASHBOARD})
            case "next":
                self.event_times.append(time.monotonic())
                self.succeed()
            case "ping":
                self._send(type="pong")
            case "error" | "complete":
                self.fail(str(message)[:100])

    def _send(self, **message: Any) -> None:
        self.write(frame(orjson.dumps(message)))


class SlowReader(Client):
    """Requests megabytes, and reads nothing: the kernel has a small buffer for it."""

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        connection.bind((self._source, 0))
        connection.setblocking(False)
        await loop.sock_connect(connection, (self._server.host, self._server.port))
        await loop.create_connection(lambda: self, sock=connection)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).pause_reading()
        super().connection_made(transport)

    def request(self) -> bytes:
        return self.post(orjson.dumps({"query": LARGE}))

    def receive(self, received: bytearray) -> None:
        received.clear()


def _take_frame(received: bytearray) -> tuple[int, bytes] | None:
    """Remove and return an unmasked frame: its opcode and payload."""
    if len(received) < 2:
        return None
    length, start = received[1] & 0x7F, 2
    if length >= 126:
        start = 4 if length == 126 else 10
        if len(received) < start:
            return None
        length = int.from_bytes(received[2:start])
    if len(received) < start + length:
        return None
    opcode, payload = received[0] & 0x0F, bytes(received[start : start + length])
    del received[: start + length]
    return opcode, payload
