"""The time in which an operation has to finish."""

import asyncio
from typing import Self

from engine.errors import DeadlineExceeded


class Deadline:
    """For `async with`: cancels the task when the time is over, and raises DeadlineExceeded.

    What completes values for long lets other tasks run in between, so that it is cancelled too.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._has_cancelled = False
        self._task: asyncio.Task[object]
        self._timer: asyncio.TimerHandle

    async def __aenter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._timer = self._started_timer()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.disarm()
        if self._has_cancelled and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise self.error() from None

    def disarm(self) -> None:
        """What the operation was for is done."""
        self._timer.cancel()

    def take_over(self) -> bool:
        """Whether the CancelledError that was caught is the deadline's and no other; then the task may go on."""
        task = asyncio.current_task()
        if not self._has_cancelled or task is not self._task or task.cancelling() != 1:
            return False
        task.uncancel()
        self._has_cancelled = False
        return True

    def error(self) -> DeadlineExceeded:
        return DeadlineExceeded(f"Operation timed out after {self._seconds:g} seconds.")

    def _started_timer(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        self._has_cancelled = True
        self._task.cancel()
