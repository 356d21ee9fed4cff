"""Deadlines for clients that send nothing, or send their requests slowly."""

import asyncio
import json

import pytest

from server.transport.connection_limits import CloseReason
from tests.connections import GET, POST, socket_server


async def test_silent_connection_is_closed() -> None:
    async with socket_server() as server:
        client = await server.connect()
        await server.until_open(1)
        server.later(0.1)
        server.later(9.8)
        assert server.closed == {}
        server.later(0.2)
        assert await client.rest() == b""
        assert server.closed == {CloseReason.SILENT: 1}


@pytest.mark.parametrize(
    ("begin", "more"), [(b"G", b"ET"), (b"\r\n", b"\r\n"), (GET[:-2], b"A"), (b"GET /" + b"u" * 1_000, b"u")]
)
@pytest.mark.parametrize("is_first", [True, False])
async def test_head_is_answered_by_408(begin: bytes, more: bytes, is_first: bool) -> None:
    async with socket_server() as server:
        client = await server.connect()
        if not is_first:
            await client.send(GET)
            assert (await client.answer())[0] == 200
        await client.send(begin)
        await server.until(lambda: server.http.guard.unfinished_bytes == len(begin))
        server.later(0.1)
        # More bytes do not extend the deadline.
        await client.send(more)
        await server.until(lambda: server.http.guard.unfinished_bytes > len(begin))
        server.later(9.9)
        assert server.closed == {}
        server.later(0.2)
        status, headers, body = await client.answer()
        [error] = json.loads(body)["errors"]
        assert (status, headers["connection"], error["extensions"]["code"]) == (408, "close", "TIMEOUT")
        assert await client.rest() == b""
        assert server.closed == {CloseReason.HEAD: 1}
        assert server.http.guard.unfinished_bytes == 0


async def test_body_has_a_minimum_rate() -> None:
    async with socket_server(body_min_rate=1_000) as server:
        client = await server.connect()
        head = POST % 30_000
        await client.send(head + bytes(20_000 - len(head)))
        await server.until(lambda: server.http.guard.unfinished_bytes == 20_000)
        server.later(0.1)
        server.later(29.8)
        assert server.closed == {}
        server.later(0.3)
        assert (await client.answer())[0] == 408
        assert server.closed == {CloseReason.BODY: 1}
        await server.until(lambda: server.app.disconnects == 1)


async def test_body_that_the_application_does_not_read_has_no_deadline() -> None:
    async with socket_server() as server:
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


async def test_idle_connection_is_closed_without_a_response() -> None:
    async with socket_server() as server:
        client = await server.connect()
        for _ in range(3):
            await client.send(GET)
            assert (await client.answer())[0] == 200
            server.later(0.1)
            server.later(59)
        assert server.closed == {}
        server.later(2)
        assert await client.rest() == b""
        assert server.closed == {CloseReason.IDLE: 1}


async def test_connection_with_running_request_has_no_deadline() -> None:
    async with socket_server() as server:
        server.app.may_answer.clear()
        client = await server.connect()
        await client.send(GET)
        await server.until(lambda: server.app.requests == 1)
        for _ in range(5):
            server.later(1_000)
        server.app.may_answer.set()
        assert (await client.answer())[0] == 200
