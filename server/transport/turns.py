"""A scheduler for parsing, which limits bytes and time per iteration of the event loop and alternates clients."""

import asyncio
from collections import OrderedDict, deque
from time import perf_counter
from typing import Protocol

import structlog

log = structlog.get_logger()

# The limit of all connections together. Input that takes long to parse for its size counts as more bytes.
BYTES_PER_TURN = 1_048_576
# The time after which no other connection has its turn: how many bytes a machine parses in it depends on its speed.
SECONDS_PER_TURN = 0.005
# The limit of one connection before the next one has its turn.
SHARE_BYTES = 65_536


class Waiting(Protocol):
    """A connection with unparsed input. `network`: of its client, which may have many connections."""

    is_waiting: bool
    network: str

    def take_turn(self) -> None:
        """Parse a share, subtract it from `left`, and wait again if input is left."""

    def reset(self) -> None:
        """Close the connection after an error in `take_turn`."""


class _Queue:
    """Connections, round robin by network: a client waits for a share of each other client, not of each connection."""

    __slots__ = ("_by_network",)

    def __init__(self) -> None:
        # The next network is the first one. All have connections.
        self._by_network: OrderedDict[str, deque[Waiting]] = OrderedDict()

    def __bool__(self) -> bool:
        return bool(self._by_network)

    def append(self, connection: Waiting) -> None:
        self._by_network.setdefault(connection.network, deque()).append(connection)

    def popleft(self) -> Waiting:
        network, connections = self._by_network.popitem(last=False)
        connection = connections.popleft()
        if connections:
            self._by_network[network] = connections
        return connection


class Turns:
    """The scheduler of a process.

    `left`: bytes that may be parsed in this turn; each parser subtracts from it. It is reset only while connections
    wait, so that a request that need not wait costs no more than the subtraction.
    """

    __slots__ = (
        "_bytes_per_turn", "_is_scheduled", "_long", "_new", "_new_is_next", "_short", "_short_is_next", "left",
    )  # fmt: skip

    def __init__(self, bytes_per_turn: int = BYTES_PER_TURN) -> None:
        self._bytes_per_turn = bytes_per_turn
        self.left = bytes_per_turn
        # Connections without a backlog until now. As in fair queueing they alternate with all others, so that a request
        # does not wait for the backlogs of clients that send all the time.
        self._new = _Queue()
        # Backlogs of at most one share, and longer ones, which alternate as well.
        self._short = _Queue()
        self._long = _Queue()
        self._new_is_next = self._short_is_next = True
        self._is_scheduled = False

    @property
    def is_free(self) -> bool:
        """Whether no connection waits, and this turn has bytes left."""
        return self.left > 0 and not self._is_scheduled

    def wait(self, connection: Waiting, size: int, *, is_new: bool = False) -> None:
        """Call `take_turn` in one of the next turns. `size`: unparsed bytes. `is_new`: there were none before."""
        if not connection.is_waiting:
            connection.is_waiting = True
            if size > SHARE_BYTES:
                self._long.append(connection)
            else:
                (self._new if is_new else self._short).append(connection)
        if not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._run)

    def _run(self) -> None:
        self.left = self._bytes_per_turn
        ends_at = perf_counter() + SECONDS_PER_TURN
        while self.left > 0 and self._has_waiting() and perf_counter() < ends_at:
            connection = self._next()
            connection.is_waiting = False
            try:
                connection.take_turn()
            except Exception:
                # The other connections still have their turns.
                log.exception("parsing failed")
                connection.reset()
        self._is_scheduled = self._has_waiting()
        if self._is_scheduled:
            asyncio.get_running_loop().call_soon(self._run)

    def _has_waiting(self) -> bool:
        return bool(self._new or self._short or self._long)

    def _next(self) -> Waiting:
        has_backlogs = bool(self._short or self._long)
        is_new = bool(self._new) and (self._new_is_next or not has_backlogs)
        self._new_is_next = not is_new
        if is_new:
            return self._new.popleft()
        is_short = bool(self._short) and (self._short_is_next or not self._long)
        self._short_is_next = not is_short
        return (self._short if is_short else self._long).popleft()
