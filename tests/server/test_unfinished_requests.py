"""Limits in bytes for incomplete requests and for pipelined ones that wait."""

import asyncio
import json

import pytest
from starlette.types import Receive, Scope, Send

from server.transport.connection_limits import CloseReason
from server.transport.protocol import HttpProtocol
from server.transport.turns import BYTES_PER_TURN
from tests.connections import GET, MEGABYTE, POST, socket_server


@pytest.mark.parametrize("begin", [POST % 1_900_000 + bytes(99_000), b"GET / HTTP/1.1\r\nA: " + b"a" * 30_000])
async def test_total_limit_rejects_the_oldest_request(begin: bytes) -> None:
    limit = 1_000_000
    number = 3 * limit // len(begin)
    async with socket_server(max_unfinished_bytes=limit) as server:
        clients = [await server.connect() for _ in range(number)]
        guard, expected = server.http.guard, 0
        for client in clients:
            await client.send(begin)
            expected += len(begin)
            kept = limit // len(begin) * len(begin)
            await server.until(lambda: guard.unfinished_bytes == min(expected, kept))  # noqa: B023  # awaited here
            # A client that sends its requests completely is served meanwhile.
            healthy = await server.connect()
            await healthy.send(POST % 100 + bytes(100))
            assert (await healthy.answer())[0] == 200
        rejected = number - limit // len(begin)
        assert server.closed == {CloseReason.UNFINISHED: rejected}
        for client in clients[:rejected]:
            status, headers, body = await client.answer()
            extensions = json.loads(body)["errors"][0]["extensions"]
            assert (status, headers["retry-after"]) == (503, "5")
            assert (extensions["code"], extensions["retryAfter"]) == ("SERVICE_UNAVAILABLE", 5)
        assert guard.unfinished.keys() <= server.http.connections


async def test_pipelined_requests_wait_unparsed() -> None:
    """Each parsed request takes some kilobytes."""
    number = 20_000
    async with socket_server() as server:
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


async def refuse(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Respond without reading the body."""
    await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize("left", [1, 20_000, 100_000, BYTES_PER_TURN])
async def test_connection_is_reused_after_a_body_that_was_not_read(left: int) -> None:
    """Also if the response was complete between two turns of parsing. `left`: bytes of the first turn."""
    begin, rest = POST % MEGABYTE + bytes(250_000), bytes(MEGABYTE - 250_000)
    async with socket_server(refuse) as server, asyncio.timeout(60):
        client = await server.connect()
        await client.send(GET)
        assert (await client.answer())[0] == 413
        [connection] = server.http.connections
        assert isinstance(connection, HttpProtocol)
        connection.turns.left = left
        # As the event loop does with bytes that have arrived together.
        connection.data_received(begin)
        assert (await client.answer())[0] == 413
        await client.send(rest + GET)
        assert (await client.answer())[0] == 413


@pytest.mark.parametrize("framing", [b"Content-Length: 22000000", b"Transfer-Encoding: chunked"])
@pytest.mark.parametrize("end", [b"", b"Connection: close\r\n"])
async def test_response_before_a_large_body_announces_the_close(framing: bytes, end: bytes) -> None:
    """A client that sends all of the body before it reads gets the response, and does not reuse the connection."""
    head = b"POST / HTTP/1.1\r\nHost: test\r\n" + end + framing + b"\r\n\r\n"
    body = b"%x\r\n" % (22 * MEGABYTE) if b"chunked" in framing else b""
    async with socket_server(refuse) as server, asyncio.timeout(60):
        client = await server.connect()
        await client.send(head + body + bytes(22 * MEGABYTE))
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (413, "close")
        assert await client.rest() == b""


@pytest.mark.parametrize("end", [b"", b"Connection: close\r\n"])
async def test_response_before_a_small_body_closes_when_asked_to(end: bytes) -> None:
    async with socket_server(refuse) as server, asyncio.timeout(60):
        client = await server.connect()
        await client.send((POST % MEGABYTE).replace(b"\r\n\r\n", b"\r\n" + end + b"\r\n"))
        status, headers, _ = await client.answer()
        assert (status, headers.get("connection")) == (413, "close" if end else None)
        await client.send(bytes(MEGABYTE))
        if end:
            assert await client.rest() == b""
        else:
            await client.send(GET)
            assert (await client.answer())[0] == 413


async def test_body_behind_a_response_is_bounded() -> None:
    async with socket_server(refuse) as server, asyncio.timeout(60):
        client = await server.connect()
        await client.send(POST % 10**9)
        assert (await client.answer())[0] == 413
        with pytest.raises(ConnectionError):
            await client.send(bytes(200 * MEGABYTE))


async def test_stream_ends_with_its_connection_when_requests_are_pipelined_behind_it() -> None:
    async with socket_server() as server:
        client = await server.connect()
        await client.send(GET.replace(b" / ", b" /stream ") + GET)
        await server.until_stalled()
        client.writer.transport.abort()
        await server.until(lambda: server.app.streams_closed == 1)
        await server.until(lambda: not server.http.tasks)
        assert server.app.requests == 1
