"""Streaming responses that stop when the client disconnects."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping

from starlette.types import Receive, Scope, Send

from common.task_set import cancel_and_wait
from server.http.cancellation import wait_for_disconnect

_END = {"type": "http.response.body", "body": b"", "more_body": False}


class StreamingResponse:
    """Sends chunks with backpressure, and stops immediately when the client disconnects.

    `first`: a chunk that was already taken from the generator. The response is aborted after `max_duration` seconds, or
    when `interruption` is done. The generator is always closed, so that it releases its resources. HEAD does not start
    it.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        headers: Mapping[str, str],
        *,
        status: int = 200,
        first: bytes | None = None,
        max_duration: float | None = None,
        interruption: asyncio.Future[None] | None = None,
    ) -> None:
        self._status = status
        self._interruption = interruption
        self._max_duration = max_duration
        self._first = first
        self._chunks = chunks
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] == "HEAD":
                await self._send_head(send)
                await send(_END)
                return
            await _send_until_disconnect(self._send(send), receive, self._max_duration, self._interruption)
        finally:
            await self._chunks.aclose()

    async def _send_head(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})

    async def _send(self, send: Send) -> None:
        await self._send_head(send)
        if self._first is not None:
            await self._send_chunk(send, self._first)
        async for chunk in self._chunks:
            await self._send_chunk(send, chunk)
        await send(_END)

    @staticmethod
    async def _send_chunk(send: Send, chunk: bytes) -> None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


async def _send_until_disconnect(
    sent: Awaitable[None],
    receive: Receive,
    max_duration: float | None = None,
    interruption: asyncio.Future[None] | None = None,
) -> None:
    sending = asyncio.ensure_future(sent)
    disconnect = asyncio.create_task(wait_for_disconnect(receive))
    stop_conditions: list[asyncio.Future[None]] = [sending, disconnect]
    if interruption is not None:
        stop_conditions.append(interruption)
    try:
        await asyncio.wait(stop_conditions, timeout=max_duration, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        await cancel_and_wait(sending, disconnect)
