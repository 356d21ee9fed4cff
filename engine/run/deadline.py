"""The deadline of an operation."""

import asyncio
from typing import Self

from engine.errors import DeadlineExceeded, Limit


class Deadline:
    """An asynchronous context manager that cancels its task at the deadline, and raises DeadlineExceeded.

    Long runs yield to the event loop, so that they can be cancelled.
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
        self._timer = self._start_timer()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.disarm()
        if self._has_cancelled and self._task.uncancel() == 0 and kind is asyncio.CancelledError:
            raise self.error() from None

    def disarm(self) -> None:
        """Removes the deadline, because the operation is done."""
        self._timer.cancel()

    def take_over(self) -> bool:
        """Whether the caught CancelledError is only the deadline's; then the task may continue."""
        task = asyncio.current_task()
        if not self._has_cancelled or task is not self._task or task.cancelling() != 1:
            return False
        task.uncancel()
        self._has_cancelled = False
        return True

    def error(self) -> DeadlineExceeded:
        return DeadlineExceeded(f"Operation timed out after {self._seconds:g} seconds.", limit=Limit.TIME.value)

    def _start_timer(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        self._has_cancelled = True
        self._task.cancel()
