"""Time-outs and limits for clients that do not read, or read slowly."""

import asyncio

import pytest
import uvloop

from server.transport.connection_limits import CloseReason
from tests.connections import GET, MEGABYTE, App, socket_server


@pytest.mark.parametrize("path", [b"/", b"/stream"])
async def test_client_that_does_not_read_is_disconnected(path: bytes) -> None:
    async with socket_server(App(size=20 * MEGABYTE)) as server:
        client = await server.connect()
        await client.send(GET.replace(b" / ", b" %b " % path))
        await server.until_stalled()
        server.later(0.1)
        server.later(29.8)
        assert server.closed == {}
        server.later(0.3)
        assert server.closed == {CloseReason.WRITE: 1}
        assert server.unsent == 0
        assert await client.is_reset()
        await server.until_open(0)
        await server.until(lambda: not server.http.tasks)
        assert server.app.streams_closed == (path == b"/stream")


async def test_slow_client_is_not_disconnected() -> None:
    size = 8 * MEGABYTE
    async with socket_server(App(size=size), write_seconds=30, send_min_rate=1_000) as server:
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


async def test_client_below_the_minimum_rate_is_disconnected() -> None:
    async with socket_server(App(size=20 * MEGABYTE), send_min_rate=10 * MEGABYTE) as server:
        client = await server.connect()
        await client.send(GET)
        await server.until(lambda: server.unsent > 65_536)
        server.later(0.1)
        before = server.unsent
        while server.unsent == before:
            await client.reader.read(65_536)
        server.later(30)
        assert server.closed == {CloseReason.WRITE: 1}


async def test_second_request_waits_until_the_first_answer_is_read() -> None:
    size = 8 * MEGABYTE
    async with socket_server(App(size=size)) as server:
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


async def test_clients_that_do_not_read_are_disconnected_first() -> None:
    size = 8 * MEGABYTE
    async with socket_server(App(size=size), max_unsent_bytes=20 * MEGABYTE) as server:
        stalled = [await server.connect() for _ in range(2)]
        for client in stalled:
            await client.send(GET)
        # The kernel's buffers hold a part of it.
        await server.until(lambda: server.unsent > MEGABYTE and server.app.requests == 2)
        server.later(1)
        server.later(1)
        for _ in range(6):
            client = await server.connect()
            await client.send(GET)
            assert len((await client.answer())[2]) == size
            server.later(1)
            assert server.unsent <= 20 * MEGABYTE
        assert set(server.closed) <= {CloseReason.UNSENT}


async def test_total_limit_of_unread_responses_is_enforced_immediately() -> None:
    """Also within the first second, when slow clients cannot be detected yet."""
    limit = 20 * MEGABYTE
    async with socket_server(App(size=8 * MEGABYTE), max_unsent_bytes=limit) as server:
        for number in range(1, 13):
            client = await server.connect()
            await client.send(GET)
            await server.until(lambda: server.app.requests == number)  # noqa: B023  # awaited here
            await server.until(lambda: not server.http.tasks)
            assert server.unsent <= limit
        assert server.closed[CloseReason.UNSENT] >= 8


async def test_unread_response_is_limited() -> None:
    async with socket_server(App(size=20 * MEGABYTE), max_unsent_bytes_per_connection=10 * MEGABYTE) as server:
        client = await server.connect()
        await client.send(GET)
        assert await client.is_reset()
        assert server.closed == {CloseReason.UNSENT: 1}


def test_uvloop_applies_the_same_limits() -> None:
    """The event loop of production has other transports."""

    async def attack() -> None:
        async with socket_server(App(size=20 * MEGABYTE)) as server:
            client = await server.connect()
            await client.send(GET * 2)
            await server.until(lambda: server.unsent > 65_536)
            server.later(0.1)
            assert server.app.requests == 1
            server.later(30.1)
            assert server.closed == {CloseReason.WRITE: 1}
            assert await client.is_reset()
            await server.until(lambda: not server.http.tasks)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(attack())
