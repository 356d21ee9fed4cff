"""Answers that are sent while they are made."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Mapping

from starlette.types import ASGIApp, Receive, Scope, Send

from common.task_set import cancel_and_wait
from server.http.cancellation import left


class ChunkedResponse:
    """Sends each chunk when the client has room for it, and stops at once when the client leaves.

    `first`: a chunk that was taken from them already. `longest_seconds`: an answer that takes longer is broken off,
    and so is one whose `interruption` is done, which the client notices. However it ends, the generator is closed by
    then, so that what it holds is free.
    """

    def __init__(
        self,
        chunks: AsyncGenerator[bytes, None],
        headers: Mapping[str, str],
        *,
        first: bytes | None = None,
        longest_seconds: float | None = None,
        interruption: asyncio.Future[None] | None = None,
    ) -> None:
        self._interruption = interruption
        self._longest_seconds = longest_seconds
        self._first = first
        self._chunks = chunks
        self._headers = [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        try:
            await _run_until_left(self._send(send), receive, self._longest_seconds, self._interruption)
        finally:
            await self._chunks.aclose()

    async def _send(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self._headers})
        if self._first is not None:
            await self._send_chunk(send, self._first)
        async for chunk in self._chunks:
            await self._send_chunk(send, chunk)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    @staticmethod
    async def _send_chunk(send: Send, chunk: bytes) -> None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})


class WatchedResponse:
    """Another response, such as Starlette's of a file, that stops when the client leaves, and reads no more."""

    def __init__(self, response: ASGIApp) -> None:
        self._response = response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await _run_until_left(self._response(scope, receive, send), receive)


async def _run_until_left(
    sent: Awaitable[None],
    receive: Receive,
    longest_seconds: float | None = None,
    interruption: asyncio.Future[None] | None = None,
) -> None:
    sending = asyncio.ensure_future(sent)
    leaving = asyncio.create_task(left(receive))
    ends: list[asyncio.Future[None]] = [sending, leaving]
    if interruption is not None:
        ends.append(interruption)
    try:
        await asyncio.wait(ends, timeout=longest_seconds, return_when=asyncio.FIRST_COMPLETED)
        if sending.done():
            sending.result()
    finally:
        await cancel_and_wait(sending, leaving)
