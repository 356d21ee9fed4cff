"""The GraphQL endpoint over WebSocket: checks origin and subprotocol, then runs the connection."""

from collections import Counter
from dataclasses import dataclass, field

from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from common.metrics.instruments import UpDownCounter
from domain.errors import RateLimited
from server.context import RequestInfo
from server.error_format import error_dict, error_headers
from server.graphql.handler import GraphQLHandler
from server.graphql.subscriptions import Subscriptions
from server.graphql.websocket.connection import Connection, ConnectionLimits
from server.graphql.websocket.messages import PROTOCOL, CloseCode
from server.http.client_address import network_of
from server.http.origins import Origins
from server.observability.error_log import record_error

_SOCKETS = UpDownCounter("shinjp_sockets", "Open WebSockets.")


@dataclass(frozen=True, slots=True)
class WebSocketEndpoint:
    """ASGI application. `origins`: of the pages that may connect."""

    handler: GraphQLHandler
    subscriptions: Subscriptions
    origins: Origins
    limits: ConnectionLimits
    # By the network of the client, which is known from the headers of a trusted proxy.
    counts: Counter[str] = field(default_factory=Counter)

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
        request_info = RequestInfo.from_connection(socket)
        network = self._limited_network(request_info)
        if network is not None and self.counts[network] >= self.limits.max_per_address:
            await _refuse(socket, request_info.request_id)
            return
        if network is not None:
            self.counts[network] += 1
        _SOCKETS[()].add()
        try:
            await socket.accept(PROTOCOL)
            await Connection(socket, self.handler, self.subscriptions, self.limits).run()
        finally:
            _SOCKETS[()].add(-1)
            if network is not None:
                self.counts[network] -= 1
                if not self.counts[network]:
                    del self.counts[network]

    def _limited_network(self, request_info: RequestInfo) -> str | None:
        """None if it is not limited, or the address is that of a proxy, which many clients share."""
        address, proxies = request_info.address, request_info.state.trusted_proxies
        if not self.limits.max_per_address or address is None or proxies.trusts(address):
            return None
        return network_of(address)


async def _refuse(socket: WebSocket, request_id: str) -> None:
    error = RateLimited("Too many WebSockets from this address.", retry_after=5, limit="MAX_CONNECTIONS_PER_ADDRESS")
    record_error(error)
    body = {"errors": [error_dict(error.message, error.extensions, request_id)]}
    headers = error_headers(429, error.extensions)
    await socket.send_denial_response(JSONResponse(body, 429, headers))
