"""A streaming response closes its generator, however it ends."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from server.http.streaming_response import StreamingResponse

SCOPE = {"type": "http", "method": "GET"}


class Sender:
    """The ASGI callables of a server. Sending fails at message `fails_at`; the client disconnects at `leaves_at`."""

    def __init__(self, *, fails_at: int | None = None, leaves_at: int | None = None) -> None:
        self.sent: list[Any] = []
        self._fails_at = fails_at
        self._leaves_at = leaves_at
        self._left = asyncio.Event()
        if leaves_at == 0:
            self._left.set()

    async def receive(self) -> dict[str, str]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if len(self.sent) == self._fails_at:
            raise OSError("the client is gone")
        self.sent.append(message)
        if len(self.sent) == self._leaves_at:
            self._left.set()
        await asyncio.sleep(0)


class Chunks:
    """A generator that holds a resource while it is open. Its first chunk has been read."""

    def __init__(self) -> None:
        self.open = 0

    async def started(self) -> tuple[bytes, AsyncGenerator[bytes, None]]:
        chunks = self._chunks()
        return await anext(chunks), chunks

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        self.open += 1
        try:
            for number in range(4):
                yield b"%d" % number
                await asyncio.sleep(0)
        finally:
            # Like the rollback of a transaction.
            await asyncio.sleep(0)
            self.open -= 1


async def test_chunks_are_sent_in_order() -> None:
    held, sender = Chunks(), Sender()
    first, chunks = await held.started()
    await StreamingResponse(chunks, {}, first=first)(SCOPE, sender.receive, sender.send)
    assert [message.get("body") for message in sender.sent] == [None, b"0", b"1", b"2", b"3", b""]
    assert held.open == 0


@pytest.mark.parametrize("place", range(6))
async def test_failed_send_closes_chunks(place: int) -> None:
    held, sender = Chunks(), Sender(fails_at=place)
    first, chunks = await held.started()
    with pytest.raises(OSError, match="gone"):
        await StreamingResponse(chunks, {}, first=first)(SCOPE, sender.receive, sender.send)
    assert held.open == 0


@pytest.mark.parametrize("place", range(5))
async def test_disconnect_closes_chunks(place: int) -> None:
    held, sender = Chunks(), Sender(leaves_at=place)
    first, chunks = await held.started()
    await StreamingResponse(chunks, {}, first=first)(SCOPE, sender.receive, sender.send)
    assert held.open == 0


@pytest.mark.parametrize("turns", range(1, 8))
async def test_cancelled_response_closes_chunks(turns: int) -> None:
    held, sender = Chunks(), Sender()
    first, chunks = await held.started()
    responding = asyncio.ensure_future(StreamingResponse(chunks, {}, first=first)(SCOPE, sender.receive, sender.send))
    for _ in range(turns):
        await asyncio.sleep(0)
    responding.cancel()
    await asyncio.wait({responding})
    assert responding.cancelled()
    assert held.open == 0
