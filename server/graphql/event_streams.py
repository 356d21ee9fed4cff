"""How events are written into an HTTP response: as graphql-sse has it, and as Apollo Client's multipart."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from server.graphql.subscriptions import Pause, StreamEvent, StreamInterrupted
from server.http.content_negotiation import EVENT_STREAM, MULTIPART
from server.http.streaming_response import StreamingResponse


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
        return b"event: next\n" + id + b"data: " + event.body.encoded + b"\n\n"


class MultipartEvents:
    """The protocol of Apollo's clients for subscriptions over HTTP. A part's end is sent with the part."""

    content_type = f'{MULTIPART};boundary="graphql";subscriptionSpec="1.0"'
    begin = b"\r\n--graphql"
    pause = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
    complete = b"--\r\n"

    def event(self, event: StreamEvent) -> bytes:
        return b'\r\nContent-Type: application/json\r\n\r\n{"payload":%b}\r\n--graphql' % event.body.encoded


_FRAMINGS: dict[str, type[Framing]] = {EVENT_STREAM: ServerSentEvents, MULTIPART: MultipartEvents}


def stream_response(events: AsyncGenerator[StreamEvent | Pause, None], stream_type: str) -> StreamingResponse:
    """Events as they come. A stream that is interrupted ends without its `complete`: the client connects again."""
    framing = _FRAMINGS[stream_type]()
    headers = {
        "Content-Type": framing.content_type,
        "Cache-Control": "no-store",
        # Proxies that collect an answer before they pass it on would hold up the events.
        "X-Accel-Buffering": "no",
    }
    return StreamingResponse(_framed(events, framing), headers)


async def _framed(events: AsyncGenerator[StreamEvent | Pause, None], framing: Framing) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(events):
            yield framing.begin
            async for event in events:
                yield framing.pause if isinstance(event, Pause) else framing.event(event)
        yield framing.complete
    except StreamInterrupted:
        return
