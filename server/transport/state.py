"""State shared by the HTTP server of a process and the application."""

from collections import Counter
from collections.abc import Callable
from typing import cast

from uvicorn.server import ServerState

from server.http.client_address import TrustedProxies
from server.http.early_rejection import EarlyRejections
from server.transport.connection_limits import TransportLimits
from server.transport.guard import Guard
from server.transport.guarded import Guarded
from server.transport.request_limits import RequestLimits
from server.transport.turns import Turns


class HttpState(ServerState):
    """uvicorn's connections and running requests, with the limits, and whether the process is shutting down."""

    def __init__(
        self,
        limits: RequestLimits | None = None,
        transport_limits: TransportLimits | None = None,
        proxies: TrustedProxies | None = None,
        allows_origin: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`allows_origin`: whether CORS allows an origin."""
        super().__init__()
        self.limits = limits or RequestLimits()
        connections = cast("set[Guarded]", self.connections)
        self.guard = Guard(transport_limits or TransportLimits(), connections, proxies or TrustedProxies())
        self.turns = Turns()
        self.allows_origin = allows_origin
        # From the first signal: `/readyz` returns 503, and each response is the last one of its connection.
        self.is_stopping = False
        # Number of requests rejected without calling the application, by status.
        self.rejected: Counter[int] = Counter()
        # Rejects requests before the application is called; the application sets it.
        self.early_rejections: EarlyRejections | None = None
        self._on_close: list[Callable[[float], None]] = []

    def on_close(self, callback: Callable[[float], None]) -> None:
        """Register a callback that runs when the listener closes, with the seconds within which streams end."""
        self._on_close.append(callback)

    def close(self, stream_seconds: float = 0) -> None:
        self.is_stopping = True
        for callback in self._on_close:
            callback(stream_seconds)
