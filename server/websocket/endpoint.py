"""The endpoint of WebSockets: opens them, for pages that may, and hands each to a connection of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from server.pipeline import Pipeline
from server.streams import StreamCaller, Streams
from server.websocket.connection import Connection, ConnectionLimits
from server.websocket.messages import PROTOCOL, CloseCode


@dataclass(frozen=True, slots=True)
class WebSocketEndpoint:
    """An ASGI application for one path. `origins`: pages of other sites that may connect."""

    pipeline: Pipeline
    streams: Streams
    caller_of: Callable[[WebSocket, str | None], StreamCaller]
    origins: tuple[str, ...]
    limits: ConnectionLimits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        if not self._is_from_a_known_page(socket):
            # Before it is accepted: the client sees 403.
            await socket.close()
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            # A client sees the code of a close only on a socket that was open.
            await socket.accept()
            await socket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Only {PROTOCOL} is spoken here.")
            return
        await socket.accept(PROTOCOL)
        caller_of = self.caller_of
        connection = Connection(
            socket, self.pipeline, self.streams, lambda token: caller_of(socket, token), self.limits
        )
        await connection.run()

    def _is_from_a_known_page(self, socket: WebSocket) -> bool:
        """A browser lets pages of any site connect, and says which. Other clients name no origin."""
        origin = socket.headers.get("origin")
        if origin is None or origin in self.origins:
            return True
        return origin.partition("://")[2] == socket.headers.get("host")
