"""What the HTTP server of a process and its application share."""

from collections import Counter
from collections.abc import Callable
from typing import cast

from uvicorn.server import ServerState

from server.transport.guard import Guard, Guarded, TransportLimits
from server.transport.request_limits import RequestLimits
from server.transport.turns import Turns


class HttpState(ServerState):
    """Connections and running requests, as uvicorn counts them, and whether the process stops."""

    def __init__(
        self,
        limits: RequestLimits | None = None,
        transport_limits: TransportLimits | None = None,
        is_proxy: Callable[[str | None], bool] = lambda _: False,
        allows_origin: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """`allows_origin`: whether pages of the origin may read answers."""
        super().__init__()
        self.limits = limits or RequestLimits()
        connections = cast("set[Guarded]", self.connections)
        self.guard = Guard(transport_limits or TransportLimits(), connections, is_proxy)
        self.turns = Turns()
        self.allows_origin = allows_origin
        # From the signal on: `/readyz` says so, and each answer is the last one of its connection.
        self.is_stopping = False
        # Requests that were refused before the application saw them, by status.
        self.rejected: Counter[int] = Counter()
        self._on_close: list[Callable[[], None]] = []

    def on_close(self, callback: Callable[[], None]) -> None:
        """`callback` runs when the listener closes: what would never end by itself has to end."""
        self._on_close.append(callback)

    def close(self) -> None:
        self.is_stopping = True
        for callback in self._on_close:
            callback()
