"""What a run may take: values, bytes, and time until other tasks run."""

import asyncio
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

# A run looks at the clock, and at what it has used, each time it has completed this many values.
INTERVAL = 250
# The first time sooner: many that are ready at once take so many each, before they see that the turn is over.
FIRST_INTERVAL = 50
# For how long runs complete values before they let other tasks run. What they do until they look at the clock again is
# added to it.
TURN_SECONDS = 0.01
# An error costs as much as this many values, until it is written.
ERROR_VALUES = 20


class Turn:
    """The time that all runs of a process together may take in one turn of the event loop.

    Were it for each of them, a hundred that are ready at once would hold up all others a hundred times as long. It
    begins when the first of them has much to do.
    """

    def __init__(self, seconds: float = TURN_SECONDS, clock: Callable[[], float] = time.perf_counter) -> None:
        self._seconds = seconds
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end = 0.0

    def is_over(self) -> bool:
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            self._end = self._clock() + self._seconds
            # Comes first in the next turn.
            loop.call_soon(self._begin_next)
        return self._clock() >= self._end

    def _begin_next(self) -> None:
        self._loop = None


@dataclass(frozen=True, slots=True)
class ResultLimits:
    """`values`: fields of objects and items of lists. `bytes`: of the answer. `turn`: None where runs may not wait."""

    values: int = sys.maxsize
    bytes: int = sys.maxsize
    turn: Turn | None = None

    def is_turn_over(self) -> bool:
        """Whether other tasks are to run."""
        return self.turn is not None and self.turn.is_over()


# For an operation that is executed on its own, and must not yield to the event loop.
UNLIMITED = ResultLimits()
