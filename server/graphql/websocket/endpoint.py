"""The endpoint of WebSockets: opens them, for pages that may, and hands each to a connection of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from server.graphql.handler import Pipeline
from server.graphql.subscriptions import StreamCaller, Streams
from server.graphql.websocket.connection import Connection, ConnectionLimits
from server.graphql.websocket.messages import PROTOCOL, CloseCode
from server.http.origins import Origins


@dataclass(frozen=True, slots=True)
class WebSocketEndpoint:
    """An ASGI application for one path. `origins`: of the pages that may connect."""

    pipeline: Pipeline
    streams: Streams
    caller_of: Callable[[WebSocket, str | None], StreamCaller]
    origins: Origins
    limits: ConnectionLimits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        # A browser lets pages of any site connect, and says which: there is no preflight for a WebSocket.
        if not self.origins.is_trusted(scope.get("scheme", "ws"), socket.headers):
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
