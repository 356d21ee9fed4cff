"""Apollo's multipart protocol for subscriptions over HTTP."""

from server.graphql.subscriptions import StreamEvent
from server.http.content_negotiation import MULTIPART


class MultipartFraming:
    """Each part is followed by its closing boundary immediately, so that clients do not wait for the next part."""

    content_type = f'{MULTIPART};boundary="graphql";subscriptionSpec="1.0"'
    preamble = b"\r\n--graphql"
    keepalive = b"\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql"
    epilogue = b"--\r\n"

    def encode_event(self, event: StreamEvent) -> bytes:
        return b'\r\nContent-Type: application/json\r\n\r\n{"payload":%b}\r\n--graphql' % event.payload.encoded
