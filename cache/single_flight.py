"""Values on their way: one of each key in a process, however many wait for it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Generic

from cache.task_set import Tasks
from cache.types import Found, ValueT
from domain.errors import ClientError


class Making(Generic[ValueT]):
    """A value on its way. `waiting`: how many wait for it. `accepts`: whether it is new enough for who asks now.

    Who changes something waits until the versions are other ones. So who asks before the versions are looked at for the
    last time is told of every change that anybody was told is done.
    """

    __slots__ = ("accepts", "task", "waiting")

    def __init__(self, waiting: int) -> None:
        self.waiting = waiting
        self.accepts = True
        self.task: asyncio.Task[Found[ValueT] | None]


class Makings(Generic[ValueT]):
    """By key."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks
        self._makings: dict[bytes, Making[ValueT]] = {}

    def get(self, key: bytes) -> Making[ValueT] | None:
        return self._makings.get(key)

    def begin(
        self,
        key: bytes,
        work: Callable[[Making[ValueT]], Coroutine[Any, Any, Found[ValueT] | None]],
        *,
        always: bool = False,
    ) -> Making[ValueT]:
        """`always`: it goes on although nobody waits for it."""
        making: Making[ValueT] = Making(1 if always else 0)
        self._makings[key] = making
        making.task = self._tasks.run(work(making))
        making.task.add_done_callback(lambda _: self._end(key, making))
        making.task.add_done_callback(_retrieve_error)
        return making

    async def wait_for(self, key: bytes, making: Making[ValueT]) -> Found[ValueT] | None:
        """What it gives. When all who wait are cancelled, it is, too."""
        making.waiting += 1
        try:
            return await asyncio.shield(making.task)
        finally:
            making.waiting -= 1
            if not making.waiting and not making.task.done():
                # Who comes now does not join what is being stopped.
                self._end(key, making)
                making.task.cancel()

    def _end(self, key: bytes, making: Making[ValueT]) -> None:
        if self._makings.get(key) is making:
            del self._makings[key]


def _retrieve_error(task: "asyncio.Task[Any]") -> None:
    """Whoever waits is told of an outage. Where nobody does, as where a value is refreshed, asyncio need not log it."""
    if not task.cancelled() and isinstance(task.exception(), ClientError):
        return
