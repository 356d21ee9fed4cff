"""What ends an operation before its time: a client that leaves, and the deadline. Both reach down to PostgreSQL."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from engine.run.deadline import Deadline

# Most operations have ended by then, and cost nothing to watch.
WATCHED_AFTER_SECONDS = 0.02


class interrupted(Deadline):
    """For `async with`: cancels what runs inside when the client closes the connection, or when the time is over.

    Then raises ClientDisconnect or OperationTimeout. The request's body must have been read. What takes less than 20 ms
    is let through to its end.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        super().__init__(seconds)
        self._receive = receive
        self._has_left = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
        await super().__aexit__(kind, *rest)
        if self._has_left and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise ClientDisconnect from None

    def _started_timer(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(WATCHED_AFTER_SECONDS, self._watch)

    def _watch(self) -> None:
        self._watcher = asyncio.create_task(self._until_left())
        seconds = self._seconds - WATCHED_AFTER_SECONDS
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def _end(self) -> None:
        if not self._has_left:
            super()._end()

    async def _until_left(self) -> None:
        await left(self._receive)
        if not self._has_cancelled:
            self._has_left = True
            self._task.cancel()


async def left(receive: Receive) -> None:
    """Until the client closes the connection. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
