"""The GraphQL endpoint over WebSocket: checks origin and subprotocol, then runs the connection."""

from dataclasses import dataclass

from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from common.metrics.instruments import UpDownCounter
from server.graphql.handler import GraphQLHandler
from server.graphql.subscriptions import Subscriptions
from server.graphql.websocket.connection import Connection, ConnectionLimits
from server.graphql.websocket.messages import PROTOCOL, CloseCode
from server.graphql.websocket.viewer_sockets import ViewerSockets
from server.http.origins import Origins

_SOCKETS = UpDownCounter("shinjp_sockets", "Open WebSockets.")


@dataclass(frozen=True, slots=True)
class WebSocketEndpoint:
    """ASGI application. `origins`: of the pages that may connect."""

    handler: GraphQLHandler
    subscriptions: Subscriptions
    viewer_sockets: ViewerSockets
    origins: Origins
    limits: ConnectionLimits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = WebSocket(scope, receive, send)
        # Browsers let pages of any origin connect, without a preflight.
        if not self.origins.is_trusted(scope.get("scheme", "ws"), socket.headers):
            # Closing before accepting responds with 403.
            await socket.close()
            return
        if PROTOCOL not in socket.scope["subprotocols"]:
            # Clients receive a close code only after the handshake.
            await socket.accept()
            await socket.close(CloseCode.SUBPROTOCOL_NOT_ACCEPTABLE, f"Unsupported subprotocol; use {PROTOCOL}.")
            return
        _SOCKETS[()].add()
        try:
            await socket.accept(PROTOCOL)
            await Connection(socket, self.handler, self.subscriptions, self.viewer_sockets, self.limits).run()
        finally:
            _SOCKETS[()].add(-1)
