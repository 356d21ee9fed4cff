"""Limits for WebSocket messages in many small pieces, and for incomplete ones."""

import asyncio
import base64
import os
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from starlette.types import Receive, Scope, Send
from websockets.frames import CloseCode, Frame, Opcode

from server.transport.connection_limits import CloseReason
from server.transport.turns import BYTES_PER_TURN
from server.transport.websocket_protocol import _FRAME_COST_BYTES, WebSocketProtocol
from tests.connections import Client, SocketServer, socket_server

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %b\r\n\r\n"
)
MAX_MESSAGE_BYTES = 1_000_000


@dataclass
class App:
    """Accepts sockets, and stores received messages while it is not paused."""

    received: list[str] = field(default_factory=list)
    # By iteration of the event loop.
    dispatched: Counter[int] = field(default_factory=Counter)
    turn: int = 0
    may_receive: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.may_receive.set()

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while True:
            await self.may_receive.wait()
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            self.received.append(message["text"])
            self.dispatched[self.turn] += 1

    def count_turns(self) -> None:
        self.turn += 1
        asyncio.get_running_loop().call_soon(self.count_turns)


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Records the number of frames of each parsing."""
    sizes: list[int] = []
    original = WebSocketProtocol.handle_events

    def handle_events(protocol: WebSocketProtocol) -> None:
        sizes.append(len(protocol.conn.events))
        original(protocol)

    monkeypatch.setattr(WebSocketProtocol, "handle_events", handle_events)
    return sizes


def frame(data: bytes, *, opcode: Opcode = Opcode.TEXT, is_last: bool = True) -> bytes:
    return Frame(opcode, data, is_last).serialize(mask=True)


def fragments(number: int) -> bytes:
    """Fragments of an incomplete message."""
    return frame(b"a", is_last=False) + frame(b"b", opcode=Opcode.CONT, is_last=False) * number


LAST = frame(b"c", opcode=Opcode.CONT)


async def opened(server: SocketServer) -> tuple[Client, WebSocketProtocol]:
    others = set(server.http.connections)
    client = await server.connect()
    await client.send(UPGRADE % base64.b64encode(os.urandom(16)))
    assert b" 101 " in await client.reader.readuntil(b"\r\n\r\n")
    [connection] = set(server.http.connections) - others
    assert isinstance(connection, WebSocketProtocol)
    return client, connection


async def close_code(client: Client) -> int:
    data = await client.rest()
    assert data[0] == 0x80 | Opcode.CLOSE
    return int.from_bytes(data[2:4], "big")


def websockets(app: App, **limits: Any) -> Any:
    return socket_server(app, ws_max_size=MAX_MESSAGE_BYTES, **limits)


async def test_small_messages_are_dispatched_in_turns() -> None:
    app, number = App(), 20_000
    async with websockets(app) as server:
        app.count_turns()
        client, connection = await opened(server)
        await client.send(b"".join(frame(b"%d" % each) for each in range(number)))
        most = 0
        while len(app.received) < number:
            most = max(most, connection.queue.qsize())
            await asyncio.sleep(0)
        assert app.received == [str(each) for each in range(number)]
        assert max(app.dispatched.values()) == 1
        # The maximum of one piece.
        assert most <= WebSocketProtocol.piece_bytes // len(frame(b"1"))
        await server.until(lambda: not connection.read_paused)
        assert server.http.guard.unfinished_bytes == 0


async def test_small_fragments_are_parsed_in_turns(parsed: list[int]) -> None:
    app, number = App(), 30_000
    async with websockets(app) as server:
        client, _ = await opened(server)
        sending = asyncio.create_task(client.send(fragments(number) + LAST))
        at_most, seen = [0], 0
        while not app.received:
            await asyncio.sleep(0)
            at_most.append(sum(parsed[seen:]))
            seen = len(parsed)
        await sending
        assert app.received == ["a" + "b" * number + "c"]
        assert sum(parsed) > number
        in_a_piece = WebSocketProtocol.piece_bytes // len(frame(b"b"))
        assert max(at_most) <= BYTES_PER_TURN // _FRAME_COST_BYTES + in_a_piece


async def test_other_client_is_served_between_the_pieces() -> None:
    app = App()
    async with websockets(app) as server:
        attackers = [(await opened(server))[0] for _ in range(5)]
        healthy, _ = await opened(server)
        for client in attackers:
            client.writer.write(fragments(20_000) + LAST)
        healthy.writer.write(frame(b"healthy"))
        await server.until(lambda: len(app.received) == 6)
        assert app.received[0] == "healthy"


async def test_fragments_and_waiting_messages_count_as_unfinished() -> None:
    app, number = App(), 10_000
    async with websockets(app) as server:
        client, connection = await opened(server)
        guard = server.http.guard
        await client.send(fragments(number))
        # Each fragment takes more memory than its byte.
        await server.until(lambda: guard.unfinished_bytes >= 64 * number)
        await client.send(LAST)
        await server.until(lambda: app.received)
        assert guard.unfinished_bytes == 0
        app.may_receive.clear()
        messages = frame(b"x" * 100) * 5_000
        # The application handles one message; the others wait.
        sending = asyncio.create_task(client.send(messages))
        await server.until(lambda: len(connection.backlog) > 10_000)
        assert guard.unfinished_bytes >= len(connection.backlog)
        assert connection.read_paused
        app.may_receive.set()
        await server.until(lambda: len(app.received) == 5_001)
        await sending
        assert guard.unfinished_bytes == 0


async def test_message_of_too_many_fragments_is_rejected() -> None:
    allowed = 2 * MAX_MESSAGE_BYTES // 65
    async with websockets(App()) as server:
        client, connection = await opened(server)
        await client.send(fragments(allowed))
        await server.until(lambda: connection._continuation_bytes == allowed * 65)
        await client.send(frame(b"b", opcode=Opcode.CONT, is_last=False))
        assert await close_code(client) == CloseCode.MESSAGE_TOO_BIG
        assert server.http.guard.unfinished_bytes == 0


async def test_total_limit_rejects_the_oldest_message() -> None:
    limit = 1_000_000
    async with websockets(App(), max_unfinished_bytes=limit) as server:
        clients = []
        for number in range(3):
            clients.append((await opened(server))[0])
            await clients[-1].send(fragments(6_000))
            if not number:
                await server.until(lambda: server.http.guard.unfinished_bytes >= 64 * 6_000)
        assert await close_code(clients[0]) == CloseCode.TRY_AGAIN_LATER
        assert server.closed == {CloseReason.UNFINISHED: 1}
        await server.until(lambda: server.http.guard.unfinished_bytes >= 2 * 64 * 6_000)
        assert server.http.guard.unfinished_bytes <= limit


async def test_minimum_rate_applies_unless_the_application_is_slow() -> None:
    app = App()
    async with websockets(app, body_grace_seconds=10, body_min_rate=1_000_000) as server:
        client, connection = await opened(server)
        app.may_receive.clear()
        await client.send(frame(b"taken when the application has time") * 1_000)
        await server.until(lambda: connection.read_paused and server.http.guard.unfinished_bytes)
        for _ in range(5):
            server.later(100)
        app.may_receive.set()
        await server.until(lambda: len(app.received) == 1_000)
        await client.send(frame(b"begins", is_last=False))
        await server.until(lambda: server.http.guard.unfinished_bytes)
        server.later(0.1)
        server.later(9)
        assert server.closed == {}
        # More bytes do not extend the deadline.
        await client.send(frame(b"continues", opcode=Opcode.CONT, is_last=False))
        await server.until(lambda: connection._continuation_bytes)
        server.later(2)
        assert await close_code(client) == CloseCode.POLICY_VIOLATION
        assert server.closed == {CloseReason.BODY: 1}


async def test_close_behind_waiting_messages_is_answered() -> None:
    app = App()
    async with websockets(app) as server:
        client, _ = await opened(server)
        closing = frame(CloseCode.NORMAL_CLOSURE.to_bytes(2, "big"), opcode=Opcode.CLOSE)
        await client.send(frame(b"x") * 5_000 + closing)
        assert await close_code(client) == CloseCode.NORMAL_CLOSURE
        # The last messages are still being handled.
        await server.until(lambda: len(app.received) == 5_000)
        await server.until(lambda: not server.http.tasks)


async def test_waiting_messages_of_a_disconnected_client_are_discarded() -> None:
    app = App()
    async with websockets(app) as server:
        client, connection = await opened(server)
        app.may_receive.clear()
        await client.send(frame(b"x" * 100) * 1_000)
        await server.until(lambda: connection.backlog)
        client.writer.transport.abort()
        app.may_receive.set()
        await server.until(lambda: not server.http.tasks)
        await server.until_open(0)
        assert cast("int", server.http.guard.unfinished_bytes) == 0


async def test_client_that_answers_no_ping_is_disconnected() -> None:
    async with websockets(App()) as server:
        client, connection = await opened(server)
        # The default, as docs/configuration.md has it.
        assert connection.ping_interval == connection.ping_timeout == 20
        connection.stop_keepalive()
        connection.ping_timeout = 0.05
        connection.send_keepalive_ping()
        data = await client.rest()
        assert data[:2] == bytes((0x80 | Opcode.PING, 4))
        assert data[6] == 0x80 | Opcode.CLOSE
        assert int.from_bytes(data[8:10], "big") == CloseCode.INTERNAL_ERROR
        await server.until_open(0)
