"""Calls that wait for the same thing share one execution."""

from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from common.single_flight import Flight, SingleFlight
from common.task_set import TaskSet


class SharedCalls:
    """A call joins that of its key unless it has started: its result is therefore never older than the call.

    Tasks that are woken together share a call, because it starts in the next iteration of the event loop.
    """

    def __init__(self) -> None:
        self._flights: SingleFlight[Hashable, Any] = SingleFlight(TaskSet())

    async def call(self, key: Hashable, compute: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Return the result of `compute`, or of another one with this key, or raise its error.

        An execution is cancelled when all its callers are.
        """

        async def run(flight: Flight[Any]) -> Any:
            flight.is_joinable = False
            return await compute()

        flight = self._flights.get(key)
        if flight is None or not flight.is_joinable:
            flight = self._flights.start(key, run)
        return await self._flights.join(key, flight)
