"""How much is parsed in one turn of the event loop, and in which order connections that have more are served."""

import asyncio
from collections import deque
from typing import Protocol

import structlog

log = structlog.get_logger()

# Of all connections together. What takes longer to parse than its bytes say is charged with more.
BYTES_PER_TURN = 1_048_576
# Of one connection, before the next one has its turn.
SHARE_BYTES = 65_536


class Waiting(Protocol):
    """A connection that has received more than was parsed."""

    is_waiting: bool

    def take_turn(self) -> None:
        """Parses a share, and subtracts it from `left`; then waits again where more is left."""

    def reset(self) -> None:
        """Closes the connection, for which parsing failed."""


class Turns:
    """Of one process.

    `left`: what may be parsed before the next turn; everybody who parses subtracts from it. It is filled up only when
    somebody waits, so that a request that need not wait costs no more than the subtraction.
    """

    __slots__ = ("_begins_with_short", "_bytes_per_turn", "_is_scheduled", "_long", "_short", "left")

    def __init__(self, bytes_per_turn: int = BYTES_PER_TURN) -> None:
        self._bytes_per_turn = bytes_per_turn
        self.left = bytes_per_turn
        # With no more than a share, and with more. They alternate: neither a backlog nor many small requests keep the
        # others out.
        self._short: deque[Waiting] = deque()
        self._long: deque[Waiting] = deque()
        self._begins_with_short = True
        self._is_scheduled = False

    @property
    def is_free(self) -> bool:
        """Whether nobody waits, and this turn has something left."""
        return self.left > 0 and not self._is_scheduled

    def wait(self, connection: Waiting, size: int) -> None:
        """Until its turn comes; `size` bytes wait."""
        if not connection.is_waiting:
            connection.is_waiting = True
            (self._short if size <= SHARE_BYTES else self._long).append(connection)
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        self.left = self._bytes_per_turn
        while self.left > 0 and (self._short or self._long):
            connection = self._next()
            connection.is_waiting = False
            try:
                connection.take_turn()
            except Exception:
                # The others have their turns all the same.
                log.exception("parsing failed")
                connection.reset()
        self._is_scheduled = bool(self._short or self._long)
        if self._is_scheduled:
            asyncio.get_running_loop().call_soon(self._run)

    def _next(self) -> Waiting:
        is_short = bool(self._short) and (self._begins_with_short or not self._long)
        self._begins_with_short = not is_short
        return (self._short if is_short else self._long).popleft()
