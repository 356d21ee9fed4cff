"""How events are written into an HTTP response: as graphql-sse has it, and as Apollo Client's multipart."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Protocol

import orjson
from starlette.types import Message, Receive, Scope, Send

from server.http.media_types import EVENT_STREAM, MULTIPART
from server.streams import Pause, StreamEvent, StreamInterrupted


class Framing(Protocol):
    """Bytes around bodies."""

    content_type: str
    begin: bytes
    pause: bytes
    complete: bytes

    def event(self, event: StreamEvent) -> bytes: ...


class ServerSentEvents:
    """graphql-sse, "distinct connections mode". Lines end in LF alone: some clients read nothing else."""

    content_type = f"{EVENT_STREAM}; charset=utf-8"
    # A comment, so that the client sees the headers before the first event.
    begin = b":\n\n"
    pause = b":\n\n"
    complete = b"event: complete\ndata:\n\n"

    def event(self, event: StreamEvent) -> bytes:
        id = b"" if event.id is None else b"id: %d\n" % event.id
        return b"event: next\n" + id + b"data: " + orjson.dumps(event.body) + b"\n\n"


class MultipartEvents:
    """The protocol of Apollo's clients for subscriptions over HTTP. A part's end is sent with the part."""

    content_type = f'{MULTIPART};boundary="graphql";subscriptionSpec="1.0"'
    begin = b"\r\n--graphql"
    pause = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
    complete = b"--\r\n"

    def event(self, event: StreamEvent) -> bytes:
        body = orjson.dumps({"payload": event.body})
        return b"\r\nContent-Type: application/json\r\n\r\n" + body + b"\r\n--graphql"


FRAMINGS: dict[str, type[Framing]] = {EVENT_STREAM: ServerSentEvents, MULTIPART: MultipartEvents}


class StreamResponse:
    """Sends events as they come, and stops at once when the client leaves.

    A stream that is interrupted ends without its `complete`: the client connects again.
    """

    def __init__(self, events: AsyncGenerator[StreamEvent | Pause, None], framing: Framing) -> None:
        self._events = events
        self._framing = framing

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sending.result()
        finally:
            for task in (sending, leaving):
                task.cancel()
            await asyncio.wait((sending, leaving))

    async def _send(self, send: Send) -> None:
        framing = self._framing
        headers = [
            (b"content-type", framing.content_type.encode()),
            (b"cache-control", b"no-store"),
            # Proxies that collect an answer before they pass it on would hold up the events.
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send(_part(framing.begin))
        try:
            async for event in self._events:
                await send(_part(framing.pause if isinstance(event, Pause) else framing.event(event)))
            await send(_part(framing.complete))
        except StreamInterrupted:
            pass
        finally:
            await self._events.aclose()
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _part(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
