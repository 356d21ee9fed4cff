"""Streams end with their token, their client and their server, and at their maximum lifetime."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from websockets.exceptions import ConnectionClosedError

from server.auth.claims import CLOCK_SKEW_SECONDS
from server.auth.development_tokens import issue_token
from tests.server.stream_servers import server
from tests.streams import (
    COMPLETE,
    DASHBOARD,
    MULTIPART,
    SSE,
    TRANSPORTS,
    WEBSOCKET,
    StreamServer,
    following,
    socket_of,
    stream,
    stream_server,
)

__all__ = ["server"]

LEEWAY = timedelta(seconds=CLOCK_SKEW_SECONDS)


async def test_expired_token_ends_the_stream(server: StreamServer) -> None:
    async def check(transport: str) -> None:
        token = issue_token(server.client.settings, "demo", lifetime=timedelta(seconds=3) - LEEWAY)
        async with stream(server.address, transport, DASHBOARD, token=token) as events:
            assert (await anext(events)).data
            async with asyncio.timeout(60):
                expired = await anext(events)
            assert expired.codes == ["UNAUTHENTICATED"]
            assert await anext(events) == COMPLETE

    await asyncio.gather(check(SSE), check(MULTIPART))


async def test_expired_token_closes_the_socket(server: StreamServer) -> None:
    token = issue_token(server.client.settings, "demo", lifetime=timedelta(seconds=3) - LEEWAY)
    async with socket_of(server.address, token) as socket, asyncio.timeout(60):
        await socket.wait_closed()
        assert socket.close_code == 4403


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_disconnected_client_ends_the_stream(server: StreamServer, transport: str) -> None:
    """All resources are released."""
    watchers = server.app.state.subscriptions

    async def until_none_is_open() -> None:
        async with asyncio.timeout(30):
            while watchers.count:  # noqa: ASYNC110  # there is no event for it
                await asyncio.sleep(0.005)

    # Of the tests before.
    await until_none_is_open()
    for _ in range(3):
        async with server.stream(transport, DASHBOARD) as events:
            await following(events)
            assert watchers.count == 1
        await until_none_is_open()


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_shutdown_ends_streams(content_database_url: str, redis_url: str, transport: str) -> None:
    async with (
        stream_server(content_database_url, redis_url) as server,
        server.stream(transport, DASHBOARD) as events,
    ):
        await following(events)
        server.app.state.subscriptions.close()
        async with asyncio.timeout(30):
            # Without `complete`, so that the client reconnects.
            if transport == WEBSOCKET:
                with pytest.raises(ConnectionClosedError, match="1012"):
                    await anext(events)
            else:
                assert [event async for event in events] == []


async def test_streams_of_a_stopping_server_end_one_after_the_other(
    content_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays = itertools.cycle((300.0, 0.0))
    monkeypatch.setattr("random.uniform", lambda *_: next(delays))
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(stream_server(content_database_url, redis_url))
        streams = [await stack.enter_async_context(server.stream(SSE, DASHBOARD)) for _ in range(2)]
        for events in streams:
            await following(events)
        server.app.state.subscriptions.close(300)
        ends = {asyncio.create_task(anext(events, None)) for events in streams}
        async with asyncio.timeout(30):
            ended, [still_open] = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in ended] == [None]
        assert server.streams == 1
        still_open.cancel()
        await asyncio.wait({still_open})


@pytest.mark.parametrize("transport", TRANSPORTS)
async def test_stream_ends_at_its_max_lifetime(content_database_url: str, redis_url: str, transport: str) -> None:
    async with (
        stream_server(content_database_url, redis_url, stream_max_lifetime_seconds=1.5) as server,
        server.stream(transport, DASHBOARD) as events,
    ):
        await following(events)
        async with asyncio.timeout(30):
            if transport == WEBSOCKET:
                with pytest.raises(ConnectionClosedError, match="1012"):
                    await anext(events)
            else:
                assert [event async for event in events] == []
