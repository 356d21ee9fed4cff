"""What the guard requires of a connection."""

from typing import Protocol

from server.transport.connection_limits import CloseReason


class Guarded(Protocol):
    """A connection that the guard checks.

    `address`: of the peer. `network`: of the client: that of the peer, or if the peer is a trusted proxy (`is_proxy`),
    that of the client whose request it forwards.
    """

    address: str | None
    network: str
    is_proxy: bool
    is_stalled: bool

    def check(self, now: float) -> None:
        """Apply the deadlines."""

    def unsent_bytes(self) -> int: ...
    def idle_since(self) -> float | None:
        """Return the time since which the connection is idle; None during a request."""

    def abort(self, reason: CloseReason) -> None: ...
    def reject_unfinished(self) -> None:
        """Reject the incompletely received request or message."""
