"""Single flight: concurrent requests for a key share one computation."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from common.task_set import TaskSet

KeyT = TypeVar("KeyT", bound=Hashable)
ResultT = TypeVar("ResultT")


class Flight(Generic[ResultT]):
    """A computation in flight. `is_joinable`: whether its result will be recent enough for a request that starts now.

    A writer waits until the versions of the tags are bumped. A request that joins before the flight's last check of the
    versions therefore sees every change whose writer has been answered.
    """

    __slots__ = ("is_joinable", "task", "waiters")

    def __init__(self, waiters: int) -> None:
        self.waiters = waiters
        self.is_joinable = True
        self.task: asyncio.Task[ResultT]


class SingleFlight(Generic[KeyT, ResultT]):
    """At most one joinable flight per key."""

    def __init__(self, tasks: TaskSet) -> None:
        self._tasks = tasks
        self._flights: dict[KeyT, Flight[ResultT]] = {}

    def get(self, key: KeyT) -> Flight[ResultT] | None:
        return self._flights.get(key)

    def start(
        self,
        key: KeyT,
        compute: Callable[[Flight[ResultT]], Coroutine[Any, Any, ResultT]],
        *,
        background: bool = False,
    ) -> Flight[ResultT]:
        """`background`: the flight continues although nobody waits for it."""
        flight: Flight[ResultT] = Flight(1 if background else 0)
        self._flights[key] = flight
        flight.task = self._tasks.spawn(compute(flight))
        flight.task.add_done_callback(lambda _: self._remove(key, flight))
        flight.task.add_done_callback(_retrieve_error)
        return flight

    async def join(self, key: KeyT, flight: Flight[ResultT]) -> ResultT:
        """Waits for the result. The flight is cancelled when all its waiters are."""
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiters -= 1
            if not flight.waiters and not flight.task.done():
                # A request that comes now must not join a flight that is being cancelled.
                self._remove(key, flight)
                flight.task.cancel()

    def _remove(self, key: KeyT, flight: Flight[ResultT]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


def _retrieve_error(task: "asyncio.Task[Any]") -> None:
    """Waiters receive the error; without waiters, as in a revalidation, asyncio need not log it."""
    if not task.cancelled():
        task.exception()
