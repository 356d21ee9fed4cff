"""Cancellation of operations whose client disconnects or whose deadline expires, including their SQL statements."""

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from engine.run.deadline import Deadline

# Most operations complete sooner, and then need no watcher task.
WATCH_DELAY_SECONDS = 0.02


class cancel_on_disconnect(Deadline):
    """Cancel the body of `async with` when the client disconnects or the deadline expires.

    Raises ClientDisconnect or DeadlineExceeded. The request's body must have been read. A disconnect in the first 20 ms
    is noticed after them.
    """

    def __init__(self, receive: Receive, seconds: float) -> None:
        super().__init__(seconds)
        self._receive = receive
        self._is_disconnected = False
        self._watcher: asyncio.Task[None] | None = None

    async def __aexit__(self, kind: type[BaseException] | None, *rest: object) -> None:
        if self._watcher is None:
            # The deadline has not started, either.
            self._timer.cancel()
            return
        self._watcher.cancel()
        await super().__aexit__(kind, *rest)
        if self._is_disconnected and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise ClientDisconnect from None

    def _start_timer(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(WATCH_DELAY_SECONDS, self._watch)

    def _watch(self) -> None:
        self._watcher = asyncio.create_task(self._cancel_after_disconnect())
        seconds = self._seconds - WATCH_DELAY_SECONDS
        self._timer = asyncio.get_running_loop().call_later(seconds, self._end)

    def _end(self) -> None:
        if not self._is_disconnected:
            super()._end()

    async def _cancel_after_disconnect(self) -> None:
        await wait_for_disconnect(self._receive)
        if not self._has_cancelled:
            self._is_disconnected = True
            self._task.cancel()


async def wait_for_disconnect(receive: Receive) -> None:
    """Wait until the client disconnects. The request's body must have been read."""
    while (await receive())["type"] != "http.disconnect":
        pass
