"""Server-sent events in the "distinct connections mode" of graphql-sse."""

from server.graphql.subscriptions import StreamEvent
from server.http.content_negotiation import EVENT_STREAM


class ServerSentEventsFraming:
    """Lines end in LF only: some clients accept no CRLF."""

    content_type = f"{EVENT_STREAM}; charset=utf-8"
    # A comment, so that the client receives the headers before the first event.
    preamble = b":\n\n"
    keepalive = b":\n\n"
    epilogue = b"event: complete\ndata:\n\n"

    def encode_event(self, event: StreamEvent) -> bytes:
        id = b"" if event.id is None else b"id: %d\n" % event.id
        return b"event: next\n" + id + b"data: " + event.payload.encoded + b"\n\n"
