"""What ends an operation before its time: a client that leaves, and the deadline. Both reach down to PostgreSQL."""

import asyncio
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.types import Receive

# Most operations have ended by then, and cost nothing to watch.
WATCHED_AFTER_SECONDS = 0.02


class interrupted:
    """For `async with`: cancels what runs inside when the client closes the connection, or when the time is over.

    Then raises ClientDisconnect or TimeoutError. The request's body must have been read. What takes less than 20 ms is
    let through to its end.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive = receive
        self._seconds = seconds
        self._reason: type[Exception] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._task: asyncio.Task[object]
        self._timer: asyncio.TimerHandle

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._timer = asyncio.get_running_loop().call_later(WATCHED_AFTER_SECONDS, self._watch)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._watcher is not None:
            self._watcher.cancel()
        if self._reason is not None and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise self._reason from None

    def _watch(self) -> None:
        self._watcher = asyncio.create_task(self._until_left())
        seconds = self._seconds - WATCHED_AFTER_SECONDS
        self._timer = asyncio.get_running_loop().call_later(seconds, self._interrupt, TimeoutError)

    async def _until_left(self) -> None:
        await left(self._receive)
        self._interrupt(ClientDisconnect)

    def _interrupt(self, reason: type[Exception]) -> None:
        if self._reason is None:
            self._reason = reason
            self._task.cancel()


async def left(receive: Receive) -> None:
    """Until the client closes the connection. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
