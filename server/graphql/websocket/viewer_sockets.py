"""Limits the WebSockets of a viewer, who could otherwise hold them until the token expires."""

from typing import Protocol
from uuid import UUID

from domain.errors import RateLimited
from domain.request_limits import RequestLimit
from server.graphql.websocket.messages import CloseCode, CloseSocket
from server.observability.error_log import count_limit, record_error


class ViewerSocket(Protocol):
    """A socket of a viewer. `idle_since`: None while it has operations."""

    idle_since: float | None

    def close(self, closing: CloseSocket) -> None: ...


class ViewerSockets:
    """The initialised sockets of all viewers in this process, up to `max_per_user` of each."""

    def __init__(self, max_per_user: int) -> None:
        self._max_per_user = max_per_user
        self._sockets: dict[UUID, set[ViewerSocket]] = {}

    def add(self, viewer_id: UUID, socket: ViewerSocket) -> None:
        """Add a socket, and close the one that has been idle longest if there are too many.

        Raises CloseSocket if all have operations.
        """
        sockets = self._sockets.setdefault(viewer_id, set())
        if len(sockets) >= self._max_per_user:
            idle = [(found.idle_since, id(found), found) for found in sockets if found.idle_since is not None]
            message = f"Limit of {self._max_per_user} open sockets reached; close one first."
            if not idle:
                limit = RequestLimit.SOCKETS_PER_USER.value
                record_error(RateLimited(message, retry_after=1, limit=limit))
                raise CloseSocket(CloseCode.TRY_AGAIN_LATER, message)
            _, _, evicted = min(idle)
            count_limit(RequestLimit.SOCKETS_PER_USER)
            sockets.remove(evicted)
            evicted.close(CloseSocket(CloseCode.IDLE, message))
        sockets.add(socket)

    def remove(self, viewer_id: UUID, socket: ViewerSocket) -> None:
        """Remove a socket that may have been removed before."""
        sockets = self._sockets.get(viewer_id)
        if sockets is not None:
            sockets.discard(socket)
            if not sockets:
                del self._sockets[viewer_id]
