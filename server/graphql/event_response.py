"""HTTP responses that stream the events of a subscription."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import aclosing
from typing import Protocol

from server.graphql.multipart import MultipartFraming
from server.graphql.source_events import KeepAlive
from server.graphql.sse import ServerSentEventsFraming
from server.graphql.subscriptions import StreamClosed, StreamEvent
from server.http.content_negotiation import EVENT_STREAM, MULTIPART
from server.http.streaming_response import StreamingResponse


class Framing(Protocol):
    """How a transport encodes events, keep-alives and the end of the stream."""

    content_type: str
    preamble: bytes
    keepalive: bytes
    epilogue: bytes

    def encode_event(self, event: StreamEvent) -> bytes: ...


_FRAMINGS: Mapping[str, Framing] = {EVENT_STREAM: ServerSentEventsFraming(), MULTIPART: MultipartFraming()}


def build_stream_response(
    events: AsyncGenerator[StreamEvent | KeepAlive, None], stream_type: str, added: Iterable[tuple[bytes, bytes]] = ()
) -> StreamingResponse:
    """Stream events in the framing of a media type. `added`: further headers.

    A stream that the server closes early has no epilogue, so that the client reconnects.
    """
    framing = _FRAMINGS[stream_type]
    headers = {
        "Content-Type": framing.content_type,
        "Cache-Control": "no-store",
        # Without it nginx buffers the response and delays events.
        "X-Accel-Buffering": "no",
        **{name.decode(): value.decode() for name, value in added},
    }
    return StreamingResponse(_encode_events(events, framing), headers)


async def _encode_events(
    events: AsyncGenerator[StreamEvent | KeepAlive, None], framing: Framing
) -> AsyncGenerator[bytes, None]:
    try:
        async with aclosing(events):
            yield framing.preamble
            async for event in events:
                yield framing.keepalive if isinstance(event, KeepAlive) else framing.encode_event(event)
        yield framing.epilogue
    except StreamClosed:
        return
