"""Background tasks that end with their owner."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")


class TaskSet:
    """Keeps references to running tasks, so that they are not garbage collected."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def spawn(self, coroutine: Coroutine[Any, Any, ResultT]) -> "asyncio.Task[ResultT]":
        """Starts a task."""
        task = asyncio.create_task(coroutine)
        self.add(task)
        return task

    def add(self, task: "asyncio.Task[Any]") -> None:
        """Adds a task that runs already, until it ends."""
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def cancel(self) -> None:
        """Cancels all tasks, without waiting for them."""
        for task in self._running:
            task.cancel()

    async def join(self) -> None:
        """Waits for all tasks that run now. Their errors are not raised."""
        await asyncio.gather(*self._running, return_exceptions=True)

    async def close(self) -> None:
        """Cancels all tasks and waits for them."""
        await cancel_and_wait(*self._running)


async def cancel_and_wait(*tasks: "asyncio.Future[Any]") -> None:
    """Cancels tasks and waits for all of them. A cancellation of the caller is raised afterwards."""
    cancelled: asyncio.CancelledError | None = None
    for task in tasks:
        task.cancel()
    while running := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(running)
        except asyncio.CancelledError as error:
            cancelled = error
    for task in tasks:
        # Retrieves the exception: asyncio logs those that nobody retrieves.
        if not task.cancelled():
            task.exception()
    if cancelled is not None:
        raise cancelled
