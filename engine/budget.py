"""Limits of a run: values, bytes, and the time between yields to the event loop."""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

# A run checks the clock and its limits after each interval of this many values.
INTERVAL = 250
# The first interval is shorter: many runs may be ready together, and each completes that much before it checks.
FIRST_INTERVAL = 50
# How long runs complete values before they yield. They may exceed it by one interval.
TURN_SECONDS = 0.01
# The cost of an error, in values.
ERROR_VALUES = 20


class Turn:
    """The time that all runs of a process together may take before they yield to the event loop.

    With a time of its own for each, a hundred runs that are ready together would block all others a hundred times as
    long. It starts with the first long run of an iteration of the event loop.
    """

    def __init__(self, seconds: float = TURN_SECONDS, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = 0.0

    def is_expired(self) -> bool:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._end = self._clock() + self._seconds
            # Runs first in the next iteration of the event loop.
            loop.call_soon(self._start_next)
        return self._clock() >= self._end

    def _start_next(self) -> None:
        self._loop = None


@dataclass(frozen=True, slots=True)
class ResultLimits:
    """`values`: fields of objects and items of lists. `bytes`: of the response. `turn`: None if runs must not yield."""

    values: int = sys.maxsize
    bytes: int = sys.maxsize
    turn: Turn | None = None

    def is_turn_over(self) -> bool:
        """Whether to yield to other tasks."""
        return self.turn is not None and self.turn.is_expired()


# For an operation that is executed on its own, and must not yield to the event loop.
UNLIMITED = ResultLimits()
